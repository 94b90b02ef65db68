import { Attr, SpanName } from 'callspan/conventions';
import type { LogLine, SpanView } from '../../../api/types.ts';
import { useWords } from '../data/page-context.ts';
import { findNumber, findText, findTurnIndex } from '../model/attribute.ts';
import type { TurnText } from '../model/call-data.ts';
import type { CallNode } from '../model/call-tree.ts';
import { colourOf } from '../model/colour.ts';
import { lookUp } from '../model/look-up.ts';
import { findSpanWord, type SpanWord } from '../model/span-word.ts';

/** How rows are named: `raw` by their span's name; the service is told where it is not the one that took the call. */
export type Naming = { readonly raw: boolean; readonly homeService: string };

type NodeNameProps = { readonly node: CallNode; readonly text: TurnText | null; readonly naming: Naming };

/** A row's name: plain words, or the span's own name where there are none. */
export function NodeName({ node, text, naming }: NodeNameProps) {
  if (node.kind === 'log') return <LogName line={node.log} />;
  if (node.kind === 'turn' && !naming.raw) return <TurnName span={node.span} text={text} />;
  return <PlainName span={node.span} naming={naming} />;
}

function PlainName({ span, naming }: { readonly span: SpanView; readonly naming: Naming }) {
  const words = useWords();
  const word = findSpanWord(span);
  return (
    <>
      <span className={`swatch c-${colourOf(span)}`} aria-hidden="true" />
      <span className="name" title={`${span.name} · ${span.service}`}>
        {word && !naming.raw ? words.spanNames[word] : span.name}
      </span>
      <span className="name-detail">{findDetail(span, naming)}</span>
    </>
  );
}

const NAMES_MODEL: readonly (SpanWord | null)[] = ['transcribing', 'thinking', 'extracting', 'synthesis'];

/** What tells two rows of the same name apart: the service, the model, or how an attempt ended. */
function findDetail(span: SpanView, { raw, homeService }: Naming): string | number | null {
  if (raw || span.service !== homeService) return span.service;
  const word = findSpanWord(span);
  if (word === 'attempt') return findNumber(span, Attr.httpStatusCode);
  return NAMES_MODEL.includes(word) ? findText(span, Attr.requestModel) : null;
}

function TurnName({ span, text }: { readonly span: SpanView; readonly text: TurnText | null }) {
  const words = useWords();
  const index = findTurnIndex(span);
  const said = index === 0 ? text?.replied : text?.transcribed;
  const end = lookUp(words.turnEnds, findText(span, Attr.turnEndReason) ?? '');
  return (
    <>
      <span className="turn-name">{index === 0 ? words.spanNames.greeting : words.call.turn(index ?? 0)}</span>
      {end && <span className="turn-end">{end}</span>}
      {said && (
        <q className="said" title={said}>
          {said}
        </q>
      )}
    </>
  );
}

function LogName({ line }: { readonly line: LogLine }) {
  return (
    <span className={`log-text log-${line.severity}`} title={line.body}>
      <span className="log-severity">
        {line.severity} {line.eventName}
      </span>{' '}
      {line.body}
    </span>
  );
}

/** The words for a node where there is room for one line only, such as the panel's title. */
export function useNodeTitle(node: CallNode): string {
  const words = useWords();
  if (node.kind === 'log') return words.panel.log;
  const index = findTurnIndex(node.span);
  if (node.span.name === SpanName.turn && index !== null && index > 0) return words.call.turn(index);
  const word = findSpanWord(node.span);
  return word ? words.spanNames[word] : node.span.name;
}
