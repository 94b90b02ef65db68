import { Attr } from 'callspan/conventions';
import { joinCalls, listFoundTraces } from '../../../services/viewer/page/src/model/found-calls.ts';
import { createSampleCall } from '../../helpers/sample-call.ts';

const T_MS = Date.UTC(2026, 10, 21, 13);
const [one, two] = [createSampleCall({ startedAtMs: T_MS, seed: 1 }), createSampleCall({ startedAtMs: T_MS, seed: 2 })];
const rows = [one.summary, two.summary];
const everything = { traceql: '{}', sinceMs: null, untilMs: null, worstOverMs: null };

const span = (atMs: number, durationMs: number, callSid?: string) => ({
  spanID: `s${durationMs}`,
  startTimeUnixNano: String(BigInt(T_MS + atMs) * 1_000_000n),
  durationNanos: String(durationMs * 1_000_000),
  ...(callSid === undefined ? {} : { attributes: [{ key: Attr.conversationId, value: { stringValue: callSid } }] }),
});
const trace = (traceID: string, spans: readonly ReturnType<typeof span>[], matched = spans.length) => ({
  traceID,
  spanSet: { spans, matched },
});

test('calls stand with their longest match on top, and say how many they have', () => {
  const traces = listFoundTraces(
    {
      traces: [
        trace(one.summary.traceId.replace(/^0+/, ''), [span(0, 100), span(1000, 1600)]),
        trace(two.summary.traceId, [span(0, 2400)], 7),
      ],
    },
    everything,
  );
  const { calls, matches, strays } = joinCalls(traces, rows);
  expect(calls.map(({ callSid }) => callSid)).toEqual([two.summary.callSid, one.summary.callSid]);
  expect(matches.get(one.summary.callSid)).toEqual({ worstMs: 1600, spanId: 's1600', count: 2, isAtLeast: false });
  expect(matches.get(two.summary.callSid)).toEqual({ worstMs: 2400, spanId: 's2400', count: 1, isAtLeast: true });
  expect(strays).toBe(0);
});

test('a trace is found by the call that its spans name before the one that it is listed under', () => {
  const traces = listFoundTraces({ traces: [trace('f'.repeat(32), [span(0, 10, two.summary.callSid)])] }, everything);
  expect(joinCalls(traces, rows).calls).toEqual([two.summary]);
});

test('traces of one call are one row, and traces of no call are counted', () => {
  const named = (traceID: string, ms: number) => trace(traceID, [span(0, ms, one.summary.callSid)]);
  const traces = listFoundTraces({ traces: [named('a1', 10), named('b1', 30), trace('c1', [span(0, 5)])] }, everything);
  const { calls, matches, strays } = joinCalls(traces, rows);
  expect(calls).toEqual([one.summary]);
  expect(matches.get(one.summary.callSid)).toEqual({ worstMs: 30, spanId: 's30', count: 2, isAtLeast: false });
  expect(strays).toBe(1);
});

test('what matched outside of the window does not count, though its call reaches into it', () => {
  const traces = [trace('a1', [span(0, 5000), span(60_000, 1700), span(120_000, 9000)])];
  const window = { ...everything, sinceMs: T_MS + 61_000, untilMs: T_MS + 119_000 };
  expect(listFoundTraces({ traces }, window)).toMatchObject([{ match: { worstMs: 1700, count: 1 } }]);
  expect(listFoundTraces({ traces }, { ...window, sinceMs: T_MS + 62_000 })).toEqual([]);
  expect(listFoundTraces({}, everything)).toEqual([]);
});
