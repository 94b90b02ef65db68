import { SEGMENTS } from '../../../otel/src/conventions/index.ts';
import { openTappedCall } from '../../helpers/media-call.ts';

test("the caller's wait and its seven segments are measures of the turn, and together they are the wait", async () => {
  const tapped = await openTappedCall();
  await tapped.answerCaller();
  await tapped.close();
  const measures = tapped.callspan.statistics.recent(100);
  const waits = measures.filter((measure) => measure.stage === 'response_gap');
  expect(waits).toMatchObject([{ name: 'voice.response_gap', status: 'success', callSid: 'CA1', turnIndex: 1 }]);
  const segments = measures.filter((measure) => SEGMENTS.some((segment) => segment === measure.stage));
  expect(new Set(segments.map((measure) => measure.stage))).toEqual(new Set(SEGMENTS));
  const sumMs = segments.reduce((sum, measure) => sum + measure.durationMs, 0);
  expect(Math.abs(sumMs - (waits[0]?.durationMs ?? 0))).toBeLessThanOrEqual(1);
  expect(sumMs).toBeGreaterThan(100);
});
