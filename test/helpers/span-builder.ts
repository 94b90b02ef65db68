import type { Attributes, SpanView } from '../../services/viewer/api/types.ts';

type SpanInput = {
  readonly name: string;
  readonly parent: SpanView | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly attributes?: Attributes;
  readonly kind?: SpanView['kind'];
  readonly service?: string;
  readonly scope?: string;
  readonly events?: SpanView['events'];
  readonly error?: string;
};

/** Collects the spans of one made-up trace; ids count up from `seed`, so that the same input gives the same trace. */
export function createSpanBuilder(seed: number, shared: Attributes) {
  const spans: SpanView[] = [];
  const traceId = hex(seed, 32);
  const add = (input: SpanInput): SpanView => {
    const span: SpanView = {
      traceId,
      spanId: hex(seed * 1000 + spans.length + 1, 16),
      parentSpanId: input.parent?.spanId ?? null,
      name: input.name,
      kind: input.kind ?? 'internal',
      service: input.service ?? 'bot',
      scope: input.scope ?? 'callspan',
      startMs: input.fromMs,
      durationMs: input.toMs - input.fromMs,
      status: input.error === undefined ? 'unset' : 'error',
      statusMessage: input.error ?? null,
      attributes: { ...shared, ...input.attributes },
      events: input.events ?? [],
    };
    spans.push(span);
    return span;
  };
  return { traceId, spans, add };
}

/** The builder that {@link createSpanBuilder} makes. */
export type SpanBuilder = ReturnType<typeof createSpanBuilder>;

function hex(number: number, length: number): string {
  // Spread over the whole id, so that shortened ids differ at both ends.
  const digits = (BigInt(number) * 0x9e3779b97f4a7c15f39cc0605cedc835n + 0x51ed2701n).toString(16);
  return digits.padStart(length, 'a').slice(-length);
}
