import { listLaneBars, listTurnBars, placeSpan } from '../../../services/viewer/page/src/model/bars.ts';
import { buildCallTree, type CallNode } from '../../../services/viewer/page/src/model/call-tree.ts';
import { createEnds } from '../../../services/viewer/page/src/model/ends.ts';
import { createTimeAxis } from '../../../services/viewer/page/src/model/time-axis.ts';
import { createSampleCall, type SampleOptions } from '../../helpers/sample-call.ts';

const ends = createEnds(new Map(), { nowMs: 0, isLive: false });
const draw = (options: Partial<SampleOptions>) => {
  const { spans } = createSampleCall({ startedAtMs: 0, ...options });
  const turn = buildCallTree({ spans: new Map(spans.map((span) => [span.spanId, span])), logs: [], raw: false }).filter(
    (node): node is CallNode & { kind: 'turn' } => node.kind === 'turn',
  )[1];
  if (!turn) throw new Error('no turn');
  const fromMs = turn.span.startMs;
  const axis = createTimeAxis({ fromMs, toMs: fromMs + (turn.span.durationMs ?? 0) }, []);
  return { spans, turn, axis, bars: listTurnBars(axis, turn, ends) };
};

test('a closed turn shows the caller above, the wait over both, the bot below', () => {
  expect(draw({ withGap: true }).bars.map(({ colour, lane }) => [colour, lane])).toEqual([
    ['caller', 'caller'],
    ['wait', 'both'],
    ['bot', 'bot'],
  ]);
});

test('where no wait was measured the steps to the answer stand between, and end where the bot speaks', () => {
  const { bars } = draw({});
  const bot = bars.find(({ colour }) => colour === 'bot');
  const steps = bars.filter(({ lane }) => lane === 'both');
  expect(steps.map(({ colour }) => colour)).toEqual(['transcription', 'reply', 'synthesis']);
  for (const step of steps) expect(step.x + step.width).toBeLessThanOrEqual((bot?.x ?? 0) + 1e-9);
});

test('bars lie within the axis, and a span wholly outside of it has none', () => {
  const { bars, axis, spans } = draw({ withGap: true });
  for (const { x, width } of bars) expect([x >= 0, x + width <= 1]).toEqual([true, true]);
  const [webhook] = spans;
  expect(webhook && placeSpan(axis, webhook, ends)).toBeNull();
});

test('the overview shows both sides of the whole call and its waits in order of time', () => {
  const { spans, axis } = draw({ withGap: true });
  const whole = createTimeAxis({ fromMs: 0, toMs: axis.toMs + 60_000 }, []);
  expect(
    listLaneBars(whole, { spans, envelopes: [] }, ends)
      .map(({ colour }) => colour)
      .slice(0, 4),
  ).toEqual(['bot', 'caller', 'wait', 'bot']);
});

test('a turn whose sound is known has its wave instead of bars; its wait stays', () => {
  const { spans, axis } = draw({ withGap: true });
  const whole = createTimeAxis({ fromMs: 0, toMs: axis.toMs + 60_000 }, []);
  const bars = listLaneBars(whole, { spans, envelopes: [{ turnIndex: 1 }] }, ends);
  expect(bars.map(({ colour }) => colour).slice(0, 3)).toEqual(['bot', 'wait', 'caller']);
});
