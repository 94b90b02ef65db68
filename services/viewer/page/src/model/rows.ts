import type { CallNode } from './call-tree.ts';

/** A visible row with what a tree grid must say about it (level, position and set size count from 1). */
export type Row = {
  readonly node: CallNode;
  readonly level: number;
  readonly setSize: number;
  readonly posInSet: number;
  /** Null where there is nothing to open. */
  readonly expanded: boolean | null;
  readonly parentId: string | null;
};

/** The rows that are visible when `isOpen` says which nodes are open, from top to bottom. */
export function listRows(roots: readonly CallNode[], isOpen: (node: CallNode) => boolean): Row[] {
  const rows: Row[] = [];
  // Own stack: ten thousand nested spans must not end in a stack overflow.
  const pending = toRows(roots, 1, null).reverse();
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, level } = next;
    const expanded = node.children.length === 0 ? null : isOpen(node);
    rows.push({ ...next, expanded });
    if (expanded) pending.push(...toRows(node.children, level + 1, node.id).reverse());
  }
  return rows;
}

function toRows(nodes: readonly CallNode[], level: number, parentId: string | null): Row[] {
  return nodes.map((node, index) => ({
    node,
    level,
    setSize: nodes.length,
    posInSet: index + 1,
    expanded: null,
    parentId,
  }));
}

/** Where the scrolled view stands; all in CSS pixels. */
export type Viewport = { readonly scrollTop: number; readonly height: number; readonly rowHeight: number };

/** Which rows of `count` to put into the document: those in view and some around them. `to` is exclusive. */
export function findWindow(view: Viewport, count: number): { readonly from: number; readonly to: number } {
  const around = 12;
  const first = Math.floor(view.scrollTop / view.rowHeight);
  const last = Math.ceil((view.scrollTop + view.height) / view.rowHeight);
  const from = Math.max(0, Math.min(first, count) - around);
  return { from, to: Math.min(count, last + around) };
}
