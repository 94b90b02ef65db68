import {
  addPage,
  applyToList,
  createCallList,
  findCalls,
  renewList,
  sortCalls,
} from '../../../services/viewer/page/src/model/call-list.ts';
import { createSampleCall } from '../../helpers/sample-call.ts';

const at = (minute: number, seed: number) =>
  createSampleCall({ startedAtMs: Date.UTC(2026, 10, 21, 13, minute), seed }).summary;
const [oldest, middle, newest] = [at(0, 1), at(10, 2), at(20, 3)];
const live = { ...oldest, state: 'live' } as const;
const order = (calls: readonly { callSid: string }[]) => calls.map(({ callSid }) => callSid);

test('calls that are going on stand on top, then the newest first', () => {
  expect(order(sortCalls([middle, live, newest]))).toEqual(order([live, newest, middle]));
});

test('a call event changes its row or adds one, other events leave the list as it is', () => {
  const list = createCallList({ calls: [middle], nextBefore: null });
  const grown = applyToList(list, [
    { event: 'call', data: { ...middle, turns: 99 } },
    { event: 'call', data: newest },
  ]);
  expect([grown.calls.get(middle.callSid)?.turns, grown.calls.has(newest.callSid)]).toEqual([99, true]);
  expect(applyToList(list, [{ event: 'resync', data: {} }])).toBe(list);
});

test('a list that grows for days keeps the newest calls, those that go on, and the way to the older ones', () => {
  const calls = Array.from({ length: 2001 }, (_, number) => ({
    ...middle,
    callSid: `CA${number}`,
    startedAtMs: middle.startedAtMs + number,
  }));
  const events = [...calls, live].map((data) => ({ event: 'call', data }) as const);
  const list = applyToList(createCallList({ calls: [], nextBefore: null }), events);
  expect(list.calls.size).toBeLessThan(2000);
  expect([list.calls.has('CA2000'), list.calls.has(live.callSid), list.calls.has('CA0')]).toEqual([true, true, false]);
  const oldestKeptMs = Math.min(...[...list.calls.values()].filter((call) => call !== live).map((c) => c.startedAtMs));
  expect(list.nextBefore).toBe(oldestKeptMs);
});

test('an older page goes to the end and never overwrites what the live stream brought', () => {
  const list = createCallList({ calls: [{ ...middle, turns: 99 }], nextBefore: 5 });
  const longer = addPage(list, { calls: [middle, oldest], nextBefore: null });
  expect(longer.calls.get(middle.callSid)?.turns).toBe(99);
  expect([longer.calls.size, longer.nextBefore]).toEqual([2, null]);
});

test('a call is found by any part of its id, by its shortened id, by its trace id and by the caller', () => {
  const calls = [oldest, middle, newest];
  const { callSid, traceId, callerHash } = middle;
  for (const query of [
    callSid.slice(4, 14),
    callSid.toLowerCase(),
    `${callSid.slice(0, 6)}…${callSid.slice(-4)}`,
    ` ${traceId}`,
  ]) {
    expect(order(findCalls(calls, query))).toEqual([callSid]);
  }
  expect(findCalls(calls, callerHash ?? '')).toHaveLength(3);
  expect(findCalls(calls, '')).toHaveLength(3);
  expect(findCalls(calls, 'zzz')).toHaveLength(0);
});

test('the newest page fetched again keeps older loaded rows, unless calls between the two are missing', () => {
  const list = addPage(createCallList({ calls: [middle], nextBefore: 10 }), { calls: [oldest], nextBefore: 5 });
  const renewed = renewList(list, { calls: [newest, { ...middle, turns: 99 }], nextBefore: 10 });
  expect([renewed.calls.size, renewed.calls.get(middle.callSid)?.turns, renewed.nextBefore]).toEqual([3, 99, 5]);
  const anew = renewList(list, { calls: [newest], nextBefore: 20 });
  expect([[...anew.calls.keys()], anew.nextBefore]).toEqual([[newest.callSid], 20]);
});
