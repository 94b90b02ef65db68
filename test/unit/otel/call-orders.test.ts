import { context } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { type CallSpan, type CallTrace, createCallspan, type TurnTrace } from '../../../otel/src/index.ts';
import { inBlock } from '../../fixtures/decorator/in-block.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const CALLS = 3;
const KINDS = [
  'startTurn',
  'endTurn',
  'failTurn',
  'committed',
  'filler',
  'startStage',
  'startChild',
  'firstOutput',
  'endStage',
  'failStage',
  'cancelStage',
  'openStream',
  'pullStream',
  'stopStream',
  'breakStream',
  'block',
  'wrapped',
  'attributes',
  'endCall',
] as const;
type Step = { readonly kind: (typeof KINDS)[number]; readonly call: number; readonly index: number };

/** One call of a run, what was opened in it, and what its observer heard. */
class Acted {
  readonly call: CallTrace;
  readonly turns: TurnTrace[] = [];
  readonly stages: CallSpan[] = [];
  readonly streams: AsyncGenerator<number>[] = [];
  readonly heard = { turns: 0, stages: 0 };
  /** Spans that the end of the call closed, in the order in which it did. */
  closed: readonly ReadableSpan[] = [];
  spansAtEnd: number | undefined;
  /** Measured functions that ran after the end: each has a span of its own. */
  lateWork = 0;
  readonly #recorder: SpanRecorder;
  readonly #kit: ReturnType<typeof createCallspan>;

  constructor(recorder: SpanRecorder, kit: ReturnType<typeof createCallspan>, index: number) {
    this.#recorder = recorder;
    this.#kit = kit;
    const traceparent = `00-${String(index + 1).repeat(32)}-${'b'.repeat(16)}-01`;
    this.call = kit.startCall({ callSid: `CA${index}`, streamSid: 'MZ', accountSid: 'AC', traceparent });
    const count = (what: 'turns' | 'stages', by: number) => () => {
      this.heard[what] += by;
    };
    this.call.observe({
      turnStarted: count('turns', 1),
      turnEnding: count('turns', -1),
      stageStarted: count('stages', 1),
      stageEnding: count('stages', -1),
      callEnding: () => {
        throw new Error('an observer that fails');
      },
    });
  }

  end(): void {
    const before = this.#recorder.spans().length;
    this.call.end({ reason: 'caller_hangup', outcome: 'no_record' });
    if (this.spansAtEnd !== undefined) return;
    this.closed = this.#recorder.spans().slice(before);
    this.spansAtEnd = this.spans().length;
  }

  spans(): ReadableSpan[] {
    return this.#recorder.spans().filter((span) => span.attributes['gen_ai.conversation.id'] === this.call.callSid);
  }

  async act({ kind, index }: Step): Promise<void> {
    const { call } = this;
    const turn = this.turns[index];
    const stage = this.stages[index % (this.stages.length || 1)];
    const stream = this.streams[index % (this.streams.length || 1)];
    if (kind === 'startTurn') this.turns.push(call.startTurn(index));
    if (kind === 'endTurn') turn?.end('completed');
    if (kind === 'failTurn') turn?.recordFailure(new Error('x'));
    if (kind === 'committed') turn?.committed();
    if (kind === 'filler') turn?.speaksFiller(index % 2 === 0);
    if (kind === 'startStage') this.stages.push(call.startSpan({ name: 'stage', stage: 'save' }, index));
    if (kind === 'firstOutput') stage?.recordFirstOutput();
    if (kind === 'endStage') stage?.end(index === 0 ? Number.NaN : undefined);
    if (kind === 'failStage') stage?.fail(new Error('x'));
    if (kind === 'cancelStage') stage?.cancel();
    if (kind === 'openStream') this.streams.push(call.stream({ name: 'stream', stage: 'reply' }, index, numbers));
    if (kind === 'pullStream') await stream?.next();
    if (kind === 'stopStream') await stream?.return(undefined);
    if (kind === 'breakStream') await stream?.throw(new Error('x')).catch(() => undefined);
    if (kind === 'attributes') call.setAttributes({ odd: Number.NaN, fine: 1 });
    if (kind === 'endCall') this.end();
    this.#measure(kind, index, stage);
  }

  #measure(kind: Step['kind'], turnIndex: number, stage: CallSpan | undefined): void {
    const at = { callSid: this.call.callSid, turnIndex };
    const wrapped = this.#kit.wrap({ name: 'wrapped', stage: 'retrieval' }, () => turnIndex);
    if (kind === 'wrapped') {
      if (this.spansAtEnd !== undefined) this.lateWork += 1;
      context.with(stage?.context ?? this.call.context, () => wrapped());
    }
    if (kind === 'startChild' && stage) context.with(stage.context, () => void this.#startBlock());
    if (kind !== 'block' || this.spansAtEnd !== undefined) return;
    inBlock(this.#kit, { name: 'block', stage: 'save', at }, (block) => block.run(wrapped));
  }

  /** A block that nobody ends: its call has to. */
  #startBlock(): void {
    if (this.spansAtEnd === undefined) this.#kit.startStage({ name: 'child' });
  }
}

async function* numbers() {
  for (let value = 0; value < 2; value += 1) yield value;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  call: fc.nat(CALLS - 1),
  index: fc.nat(3),
});

test('whatever happens in whatever order, also after the end: no span stays open, is orphaned or mixed', async () => {
  let closedByTheEnd = 0;
  const property = fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 24, size: 'max' }), async (steps) => {
    const recorder = startSpanRecorder();
    const kit = createCallspan({ tracer: recorder.tracer, limits: [{ stage: 'save', warningMs: 1, criticalMs: 2 }] });
    const acted = Array.from({ length: CALLS }, (_, index) => new Acted(recorder, kit, index));
    for (const one of steps) await acted[one.call]?.act(one);
    for (const one of acted) one.end();
    const made = acted.reduce((sum, one) => sum + one.spans().length, 0);
    const problems = acted.flatMap(problemsOf);
    if (recorder.open().length > 0) problems.push('spans stay open');
    if (kit.openCalls !== 0) problems.push(`${kit.openCalls} calls stay open`);
    if (made !== recorder.spans().length) problems.push('a span belongs to no call, or to two');
    expect(problems).toEqual([]);
    closedByTheEnd += acted.reduce((sum, one) => sum + one.closed.length, 0);
    await recorder.close();
  });
  await fc.assert(property, { numRuns: 10_000, seed: 20_261_121 });
  expect(closedByTheEnd).toBeGreaterThan(40_000);
}, 120_000);

/** Told in words and judged once a run: an `expect` each would cost more than the runs. */
function problemsOf(acted: Acted): string[] {
  const spans = acted.spans();
  const ids = new Set([...spans.map((span) => span.spanContext().spanId), 'b'.repeat(16)]);
  const order = new Map(acted.closed.map((span, index) => [span.spanContext().spanId, index]));
  const orderOf = (id = '') => order.get(id) ?? Number.POSITIVE_INFINITY;
  const rules: readonly (readonly [problem: string, isBroken: boolean])[] = [
    ['a span is an orphan', spans.some((span) => !ids.has(span.parentSpanContext?.spanId ?? ''))],
    ['a span is in another trace', spans.some((span) => span.spanContext().traceId !== acted.call.traceId)],
    ['there is no span', spans.length === 0],
    ['a span ends before it starts', spans.some((span) => toMs(span.endTime) < toMs(span.startTime))],
    ['an observer missed an end', acted.heard.turns !== 0 || acted.heard.stages !== 0],
    ['the call counts open spans', acted.call.openSpans !== 0],
    ['something else came after the end', spans.length !== (acted.spansAtEnd ?? 0) + acted.lateWork],
    [
      'a parent was closed before its child',
      acted.closed.some((span, index) => orderOf(span.parentSpanContext?.spanId) < index),
    ],
    ['the call was not closed last', acted.closed.at(-1)?.name !== 'voice.call'],
  ];
  return rules.filter(([, isBroken]) => isBroken).map(([problem]) => `${acted.call.callSid}: ${problem}`);
}

function toMs([seconds, nanoseconds]: readonly [number, number]): number {
  return seconds * 1000 + nanoseconds / 1e6;
}
