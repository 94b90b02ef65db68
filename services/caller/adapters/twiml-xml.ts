import { SaxesParser } from 'saxes';
import { TwilioFault } from '../domain/fault.ts';
import type { XmlElement } from '../domain/twiml-grammar.ts';

type Building = {
  name: string;
  attributes: Record<string, string>;
  children: Building[];
  text: string;
  ownText: string;
};

/** A strict XML document as a tree. @throws TwilioFault 12100 with the place and reason; a DOCTYPE is refused as well. */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser();
  const open: Building[] = [];
  let root: Building | undefined;
  parser.on('error', (error) => {
    throw new TwilioFault(12100, `the document is not XML: ${error.message}`, error);
  });
  parser.on('doctype', () => {
    throw new TwilioFault(12100, 'the document has a DOCTYPE');
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: Building = { name, attributes: { ...attributes }, children: [], text: '', ownText: '' };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  const addText = (data: string) => {
    for (const element of open) element.text += data;
    const innermost = open.at(-1);
    if (innermost) innermost.ownText += data;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(text).close();
  if (!root) throw new TwilioFault(12100, 'the document has no root element');
  return root;
}
