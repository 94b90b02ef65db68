import type { SyntaxNode } from '@lezer/common';
import { ViewerError } from '../../domain/errors.ts';

/** The text that a tree was made of. */
export type Source = { readonly text: string };

/** Children of a node, in order. */
export function listChildren(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
  return children;
}

/** The text of a node. */
export function readText({ text }: Source, node: SyntaxNode): string {
  return text.slice(node.from, node.to);
}

/** @throws ViewerError that names the part of the query that is not answered here */
export function refuse(source: Source, node: SyntaxNode): never {
  throw new ViewerError('unsupported', `this part of TraceQL is not supported here: ${readText(source, node).trim()}`);
}
