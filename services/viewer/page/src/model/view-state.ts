import type { CallNode } from './call-tree.ts';
import type { Command } from './keyboard.ts';
import type { Row } from './rows.ts';

/** What a person chose in the call view. */
export type ViewState = {
  readonly raw: boolean;
  readonly logs: boolean;
  readonly zoomed: boolean;
  readonly selectedId: string | null;
  /** Nodes that were opened or closed by hand; all others follow the rules of {@link isNodeOpen}. */
  readonly opened: ReadonlyMap<string, boolean>;
};

/** The view as it opens. */
export const INITIAL_VIEW: ViewState = { raw: false, logs: false, zoomed: false, selectedId: null, opened: new Map() };

export type ViewAction =
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly rows: readonly Row[];
      readonly selectedId: string | null;
    }
  /** `holders`: the nodes above it, for one that is not among the rows yet. */
  | {
      readonly kind: 'select';
      readonly id: string;
      readonly rows: readonly Row[];
      readonly holders?: readonly string[];
    }
  | { readonly kind: 'toggle'; readonly id: string; readonly rows: readonly Row[]; readonly single: boolean };

/** Whether a node shows its children: by hand, else turns are closed except the one in question, and all else is open. */
export function isNodeOpen(state: ViewState, node: CallNode, turnInQuestion: string | null): boolean {
  const byHand = state.opened.get(node.id);
  if (byHand !== undefined) return byHand;
  return node.kind !== 'turn' || state.raw || state.logs || node.id === turnInQuestion;
}

/** The view after an action. */
export function changeView(state: ViewState, action: ViewAction): ViewState {
  if (action.kind === 'select') {
    const opened = new Map([...state.opened, ...(action.holders ?? []).map((id) => [id, true] as const)]);
    return select({ ...state, opened }, action.rows, action.id);
  }
  if (action.kind === 'toggle') return toggle(state, action);
  const { rows, selectedId } = action;
  const at = rows.findIndex((row) => row.node.id === selectedId);
  const row = rows[at];
  switch (action.command) {
    case 'down':
      return select(state, rows, rows[Math.min(at + 1, rows.length - 1)]?.node.id);
    case 'up':
      return select(state, rows, rows[Math.max(at - 1, 0)]?.node.id);
    case 'open':
      if (row?.expanded === false) return open(state, row, true);
      return row?.expanded ? select(state, rows, rows[at + 1]?.node.id) : select(state, rows, row?.node.id);
    case 'close':
      if (row?.expanded) return open(state, row, false);
      return row?.parentId ? select(state, rows, row.parentId) : state;
    case 'raw':
      return { ...state, raw: !state.raw };
    case 'logs':
      return { ...state, logs: !state.logs };
    case 'zoom':
      return { ...state, zoomed: !state.zoomed };
    default:
      return state;
  }
}

function open(state: ViewState, row: Row, isOpen: boolean): ViewState {
  return { ...state, selectedId: row.node.id, opened: new Map(state.opened).set(row.node.id, isOpen) };
}

function toggle(state: ViewState, action: Extract<ViewAction, { kind: 'toggle' }>): ViewState {
  const row = action.rows.find(({ node }) => node.id === action.id);
  if (!row || row.expanded === null) return state;
  const next = open(state, row, !row.expanded);
  if (!action.single || row.expanded || row.node.kind !== 'turn') return next;
  // Where there is room for one turn only, opening it closes the others.
  const opened = new Map(next.opened);
  for (const { node } of action.rows) if (node.kind === 'turn' && node.id !== action.id) opened.set(node.id, false);
  return { ...next, opened };
}

function select(state: ViewState, rows: readonly Row[], id: string | undefined): ViewState {
  if (id === undefined) return state;
  const opened = new Map(state.opened);
  // What holds the selected row stays open, whatever the call does meanwhile.
  for (const ancestor of listAncestors(rows, id)) opened.set(ancestor.node.id, true);
  return { ...state, selectedId: id, opened };
}

/** The rows that hold a row, from the nearest outward. */
export function listAncestors(rows: readonly Row[], id: string): Row[] {
  const byId = new Map(rows.map((row) => [row.node.id, row]));
  const ancestors: Row[] = [];
  for (let at = byId.get(id)?.parentId ?? null; at !== null; ) {
    const row = byId.get(at);
    if (!row) break;
    ancestors.push(row);
    at = row.parentId;
  }
  return ancestors;
}
