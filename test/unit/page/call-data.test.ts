import type { LiveEvent, SpanView } from '../../../services/viewer/api/types.ts';
import {
  applyLiveEvent,
  createCallData,
  listTurnTexts,
  mergeSpans,
} from '../../../services/viewer/page/src/model/call-data.ts';
import { createSampleCall, cutCall } from '../../helpers/sample-call.ts';

const startedAtMs = Date.UTC(2026, 10, 21, 13, 3, 22);
const call = createSampleCall({ startedAtMs });
const { traceId, callSid } = call.summary;
const half = cutCall(call, startedAtMs + 20_000);
const early = createCallData(half.detail, half.spans);

test('live deltas bring a call that was fetched half way to what a later fetch gives', () => {
  const events: LiveEvent[] = [
    { event: 'trace', data: { traceId, callSid, spans: call.spans } },
    ...call.detail.logs.map((line): LiveEvent => ({ event: 'log', data: { traceId, line } })),
    { event: 'call', data: call.summary },
  ];
  const late = events.reduce(applyLiveEvent, early);
  expect(late.summary).toEqual(call.summary);
  expect(new Map(late.spans)).toEqual(new Map(call.spans.map((span) => [span.spanId, span])));
  expect(late.logs).toEqual(call.detail.logs);
});

test('an announcement that arrives after the end of its span does not reopen it', () => {
  const [span] = call.spans as [SpanView];
  const merged = mergeSpans(mergeSpans(new Map(), [span]), [{ ...span, durationMs: null }]);
  expect(merged.get(span.spanId)?.durationMs).toBe(span.durationMs);
});

test('events about other calls change nothing', () => {
  const other = createSampleCall({ startedAtMs, seed: 99 });
  expect(applyLiveEvent(early, { event: 'call', data: other.summary })).toBe(early);
  expect(
    applyLiveEvent(early, {
      event: 'trace',
      data: { traceId: other.summary.traceId, callSid: null, spans: other.spans },
    }),
  ).toBe(early);
});

test('a line that comes by fetch and by stream is kept once', () => {
  const [line] = half.detail.logs;
  if (!line) throw new Error('the sample has no log');
  expect(applyLiveEvent(early, { event: 'log', data: { traceId, line } })).toBe(early);
});

test('what was said since the fetch is found by turn from the content records', () => {
  const later = call.detail.logs
    .map((line): LiveEvent => ({ event: 'log', data: { traceId, line } }))
    .reduce(applyLiveEvent, early);
  expect(listTurnTexts(later).get(4)).toEqual({
    transcribed: call.detail.turnList[4]?.transcribed,
    replied: 'Merci, à mardi.',
  });
});

test('a bot that keeps no content leaves the turns without words', () => {
  const bare = {
    ...call.detail,
    logs: [],
    turnList: call.detail.turnList.map((turn) => ({ ...turn, transcribed: null, replied: null })),
  };
  expect(listTurnTexts(createCallData(bare, call.spans)).get(1)).toEqual({ transcribed: null, replied: null });
});

test('a row of the same call under another trace does not name spans that are not here', () => {
  const moved = { ...early.summary, traceId: 'f'.repeat(32) };
  expect(applyLiveEvent(early, { event: 'call', data: moved })).toBe(early);
});
