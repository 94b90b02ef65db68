import type { CallPage, CallSummary, LiveEvent } from '../../../api/types.ts';

/** The calls known so far, by CallSid, and the cursor of the next older page (epoch milliseconds, null at the end). */
export type CallList = { readonly calls: ReadonlyMap<string, CallSummary>; readonly nextBefore: number | null };

/** The list as first fetched. */
export function createCallList(page: CallPage): CallList {
  return addPage({ calls: new Map(), nextBefore: null }, page);
}

/** The list with an older page at its end. */
export function addPage(list: CallList, page: CallPage): CallList {
  const calls = new Map(list.calls);
  // What is known already came by the live stream, after the page was made.
  for (const call of page.calls) if (!calls.has(call.callSid)) calls.set(call.callSid, call);
  return { calls, nextBefore: page.nextBefore };
}

/**
 * The list with the newest page fetched again: its rows replace what is known, older loaded rows stay. Where the page does not
 * reach back to what is known, the list starts anew, because calls between the two would be missing.
 */
export function renewList(list: CallList, page: CallPage): CallList {
  const isConnected = page.nextBefore === null || page.calls.some((call) => list.calls.has(call.callSid));
  if (!isConnected) return createCallList(page);
  const calls = new Map(list.calls);
  for (const call of page.calls) calls.set(call.callSid, call);
  return { calls, nextBefore: list.calls.size === 0 ? page.nextBefore : list.nextBefore };
}

/** A list that grows by itself while nobody looks keeps the newest; older ones can be loaded again. */
const MAX_CALLS = 2000;

/** The list after live events, bounded; the same object when none of them is about a call's row. */
export function applyToList(list: CallList, events: readonly LiveEvent[]): CallList {
  const changed = events.filter((live) => live.event === 'call');
  if (changed.length === 0) return list;
  const calls = new Map(list.calls);
  for (const { data } of changed) calls.set(data.callSid, data);
  return calls.size <= MAX_CALLS ? { ...list, calls } : keepNewest(calls);
}

function keepNewest(calls: ReadonlyMap<string, CallSummary>): CallList {
  // Some more than one go at once, so that not every call that comes after has the whole list sorted.
  const kept = sortCalls(calls.values()).slice(0, MAX_CALLS * 0.9);
  // The last is the oldest of those that have ended: a call that has gone on for hours says nothing of what is known.
  const nextBefore = kept.at(-1)?.startedAtMs ?? null;
  return { calls: new Map(kept.map((call) => [call.callSid, call])), nextBefore };
}

/** Rows from top to bottom: calls that are going on, then the others, newest first in both. */
export function sortCalls(calls: Iterable<CallSummary>): CallSummary[] {
  const isLive = (call: CallSummary) => Number(call.state === 'live');
  return [...calls].sort((a, b) => isLive(b) - isLive(a) || b.startedAtMs - a.startedAtMs);
}

/** Calls whose call id, trace id or caller hash contains the text; all of them when it is empty. */
export function findCalls(calls: readonly CallSummary[], query: string): CallSummary[] {
  const text = query.trim().toLowerCase();
  // Ids are shown shortened (`CA1f02…9c3d`): that form must find its call too.
  const [head = '', tail] = text.split('…');
  const fits = (id: string | null) => {
    const lower = id?.toLowerCase() ?? '';
    return tail === undefined ? lower.includes(head) : lower.startsWith(head) && lower.endsWith(tail);
  };
  return calls.filter((call) => fits(call.callSid) || fits(call.traceId) || fits(call.callerHash));
}
