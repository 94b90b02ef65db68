import { Attr, SpanName, Stage } from 'callspan/conventions';
import type { SpanView } from '../../../services/viewer/api/types.ts';
import { createEnds } from '../../../services/viewer/page/src/model/ends.ts';
import { createSpanBuilder } from '../../helpers/span-builder.ts';

const build = () => {
  const { add, spans } = createSpanBuilder(1, {});
  const webhook = add({ name: SpanName.webhookVoice, parent: null, fromMs: 0, toMs: 6 });
  const call = add({ name: SpanName.call, parent: webhook, fromMs: 10, toMs: 900 });
  const turn = add({ name: SpanName.turn, parent: call, fromMs: 100, toMs: 300 });
  const speech = add({ name: SpanName.userSpeech, parent: turn, fromMs: 110, toMs: 200 });
  const save = { [Attr.stage]: Stage.save };
  const work = add({ name: SpanName.saveRecord, parent: turn, fromMs: 250, toMs: 500, attributes: save });
  const request = add({ name: 'POST', parent: work, fromMs: 260, toMs: 490 });
  return { webhook, call, turn, speech, work, request, spans };
};
/** The ends when some spans are still open. */
const draw = (isLive: boolean, ...open: SpanView[]) => {
  const parts = build();
  const ids = open.map(({ spanId }) => spanId);
  const spans = parts.spans.map((span) => (ids.includes(span.spanId) ? { ...span, durationMs: null } : span));
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const ends = createEnds(byId, { nowMs: 700, isLive });
  const of = (span: SpanView) => byId.get(span.spanId) ?? span;
  return { endOf: (span: SpanView) => ends.endOf(of(span)), isGrowing: (span: SpanView) => ends.isGrowing(of(span)) };
};
const { call, turn, speech, work, request } = build();

test('an ended span ends where it ended, an open one of a live call grows until now', () => {
  const { endOf, isGrowing } = draw(true, call, turn, speech);
  expect([endOf(speech), isGrowing(speech)]).toEqual([700, true]);
  expect([endOf(work), isGrowing(work)]).toEqual([500, false]);
});

test('an open span is cut where what holds it ended, and grows no more', () => {
  for (const isLive of [true, false]) {
    const { endOf, isGrowing } = draw(isLive, call, speech);
    expect([endOf(speech), isGrowing(speech)]).toEqual([300, false]);
  }
});

test('the answered webhook cuts nothing, and what may outlast its turn goes on while the call does', () => {
  const live = draw(true, call, work, request);
  expect([live.endOf(call), live.endOf(work), live.endOf(request), live.isGrowing(request)]).toEqual([
    700,
    700,
    700,
    true,
  ]);
  const over = draw(false, call, work, request);
  expect([over.endOf(work), over.endOf(request), over.isGrowing(call)]).toEqual([300, 300, false]);
});

test('an open span never ends before it began, and parents in a circle end the search', () => {
  const circle = { ...speech, durationMs: null, parentSpanId: speech.spanId, startMs: 900 };
  const ends = createEnds(new Map([[circle.spanId, circle]]), { nowMs: 700, isLive: true });
  expect(ends.endOf(circle)).toBe(900);
});
