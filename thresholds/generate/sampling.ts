import { Attr, SpanName } from 'callspan/conventions';
import { stringify } from 'yaml';
import type { Limit, Thresholds } from '../model.ts';

/** Calls whose spans come after the longest call: status callbacks, outbox deliveries. */
const AFTER_CALL_MS = 5 * 60_000;
/** Traces that may wait for their decision at once; memory_limiter refuses spans before calls are that many. */
const UNDECIDED_TRACES = 100_000;
/** Share of calls kept in which nothing was wrong, percent. */
const BASELINE_PERCENT = 10;
/** A warning that fires when this share exceeds it is a target for the middle: to be over it is no reason to keep a call. */
const MIDDLE_SHARE = 0.5;
const HEAD = `# Made from thresholds/thresholds.yaml by \`npm run generate\`. Laid over the base pipeline where calls are too many to be
# kept all: otelcol --config otel-collector.yaml --config collector/overlays/sampling.generated.yaml
# A call is one trace, kept whole or not at all: the first span that is a reason to keep it releases what is held of its
# call and lets the rest pass; a call without one is dropped when decision_wait is over, longer than any call lasts.
# Both decisions are remembered for spans that come later. A Collector that is started anew has forgotten them.
# Metrics are made from all spans, before this.
`;

/**
 * The overlay that samples calls: kept are calls with an error, with an execution over its limit, with dead air or a
 * blocked event loop, and a tenth of all others.
 */
export function generateSampling(thresholds: Thresholds): string {
  const tail_sampling = {
    sampling_strategy: 'span-ingest',
    decision_wait: `${Math.ceil((thresholds.maxCallDurationMs + AFTER_CALL_MS) / 1000)}s`,
    // Not block_on_overflow: it would hold up the metrics, too, and a span that is sent again is counted again.
    num_traces: UNDECIDED_TRACES,
    expected_new_traces_per_sec: 5,
    decision_cache: { sampled_cache_size: 4 * UNDECIDED_TRACES, non_sampled_cache_size: 4 * UNDECIDED_TRACES },
    policies: listPolicies(thresholds),
  };
  const service = { pipelines: { 'traces/store': { processors: ['tail_sampling'] } } };
  return HEAD + stringify({ processors: { tail_sampling }, service }, { lineWidth: 0 });
}

function listPolicies(thresholds: Thresholds): readonly object[] {
  return [
    { name: 'errors', type: 'status_code', status_code: { status_codes: ['ERROR'] } },
    {
      name: 'critical',
      type: 'string_attribute',
      string_attribute: { key: Attr.thresholdLevelOnSpan, values: ['critical'] },
    },
    ottl('over-limit', thresholds.limits.map(conditionOf)),
    ottl('counted', [
      `${named(SpanName.deadAir)} and ${lasts(thresholds.deadAir.warningMs)}`,
      `${named(SpanName.eventLoopBlocked)} and ${lasts(thresholds.eventLoopBlocked.criticalMs)}`,
    ]),
    { name: 'baseline', type: 'probabilistic', probabilistic: { sampling_percentage: BASELINE_PERCENT } },
  ];
}

/** A policy that any one span of a call can meet. */
function ottl(name: string, span: readonly string[]): object {
  return { name, type: 'ottl_condition', ottl_condition: { error_mode: 'ignore', span } };
}

function conditionOf(limit: Limit): string {
  const { stage, provider, exceptProviders, warning, warningMs, criticalMs } = limit;
  const of = provider === undefined ? exceptProviders.map((name) => ['!=', name]) : [['==', provider]];
  const providers = of.map(([is, name]) => `span.attributes["${Attr.providerName}"] ${is} ${JSON.stringify(name)}`);
  const limitMs = warning.share >= MIDDLE_SHARE ? criticalMs : warningMs;
  return [`span.attributes["${Attr.stage}"] == ${JSON.stringify(stage)}`, ...providers, lasts(limitMs)].join(' and ');
}

function named(name: string): string {
  return `span.name == ${JSON.stringify(name)}`;
}

function lasts(limitMs: number): string {
  return `span.end_time - span.start_time > Duration("${limitMs}ms")`;
}
