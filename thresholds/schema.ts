import { Stage, type StageName } from 'callspan/conventions';
import { z } from 'zod';
import { choice, count, duration, figure, milliseconds, share, text } from './fields.ts';

const SEVERITY = choice('warning', 'critical', 'notice');
const DAYS = 'mon|tue|wed|thu|fri|sat|sun';

/** A closed map: a key that it does not know is refused. */
const closed = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape);

const forTime = (least = '0s') => duration(least, '6h').describe('For how long it must be so before it fires.');

const ShareRule = closed({
  share: share().describe('Fires when more than this share of the executions is over the limit; 0.1 is one in ten.'),
  for: forTime(),
});
const RatioRule = closed({
  ratio: share().describe('Fires when more than this share of the executions ended with an error.'),
  for: forTime(),
});
const ErrorRules = closed({ warning: RatioRule, critical: RatioRule });

const rules = {
  window: duration('1m', '1h').describe('Executions of the last so long are looked at.'),
  min_executions: count(1, 100_000).describe('Fewer in the window: neither warning nor critical fires.'),
  keep_firing_for: duration('0s', '6h').describe('How long it stays after it is no longer so, against flapping.'),
};

const Defaults = closed({
  ...rules,
  warning: ShareRule.describe('When a row’s warning fires.'),
  critical: ShareRule.describe('When a row’s critical alert fires; it pages.'),
  errors: ErrorRules.describe('When the errors of a row that says `errors: true` fire.'),
}).describe('What every row has that does not say otherwise.');

const rowRules = {
  window: rules.window.optional(),
  min_executions: rules.min_executions.optional(),
  keep_firing_for: rules.keep_firing_for.optional(),
  warning: ShareRule.partial().optional().describe('When the warning fires, where not as by default.'),
  critical: ShareRule.partial().optional().describe('When the critical alert fires, where not as by default.'),
  errors: z
    .union(
      [z.boolean(), closed({ warning: RatioRule.partial().optional(), critical: RatioRule.partial().optional() })],
      {
        error: 'must be true, false or a map of warning and critical, each with ratio and for',
      },
    )
    .optional()
    .describe('Whether errors of this stage fire: true as by default, or figures of its own.'),
};

const warningMs = milliseconds().describe('Milliseconds of one execution that are a warning when exceeded.');
const criticalMs = milliseconds().describe('Milliseconds of one execution that are critical when exceeded.');

// "none" is what span_metrics writes where a span has no provider.
const ProviderName = text(
  /^(?!none$)[a-z0-9][a-z0-9._-]{0,63}$/,
  'the name of a provider as on its spans (gen_ai.provider.name)',
);

const Row = z
  .strictObject({
    warning_ms: warningMs,
    critical_ms: criticalMs,
    ...rowRules,
    providers: z
      .record(z.string(), closed({ warning_ms: warningMs.optional(), critical_ms: criticalMs.optional(), ...rowRules }))
      .optional()
      .describe('Rows for single providers: what they do not say they have from the row above.'),
  })
  .meta({ id: 'row' });

// A key each, so that editors offer the stages.
const Rows = Object.fromEntries(Object.values(Stage).map((stage) => [stage, Row.optional()])) as Record<
  StageName,
  z.ZodOptional<typeof Row>
>;

const Counted = closed({ warning_ms: warningMs, critical_ms: criticalMs });

const Hours = closed({
  days: text(
    new RegExp(`^(${DAYS})(-(${DAYS}))?(,(${DAYS})(-(${DAYS}))?)*$`),
    'days such as mon-fri or mon,wed,sat',
  ).describe('mon-fri, or mon,wed,sat.'),
  from: text(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as "08:00"').describe('First minute, local time.'),
  to: text(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'a time of day such as "19:00"').describe('First minute after it.'),
  time_zone: text(/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/, 'a name of the IANA database such as Europe/Paris'),
});

const OwnSeries = z.record(
  z.string(),
  text(/^[-+0-9.eEx_ a-zA-Z]{1,2000}$/, 'values as promtool writes them, such as 0+1x60'),
);

const OwnRule = closed({
  severity: SEVERITY,
  expr: text(/^[\s\S]{1,4000}$/, 'a PromQL expression, true where it returns anything').describe(
    'PromQL, names as Prometheus gets them by OTLP (docs/signals.md).',
  ),
  for: forTime(),
  keep_firing_for: rules.keep_firing_for.optional(),
  summary: text(/^[^\n]{1,500}$/, 'one line for somebody who was woken by it'),
  labels: z
    .record(
      text(/^[a-z_][a-z0-9_]*$/, 'a label name'),
      text(/^[^\n]{0,200}$/, 'one line of text; put numbers in quotes'),
    )
    .optional(),
  firing: OwnSeries.describe('Series, a value a minute, under which it fires at their end: its first test.'),
  silent: OwnSeries.describe('Series under which it stays silent throughout: its second test.'),
});

/** The file as it is written, each key with what it means; durations come out as milliseconds. */
export const FileSchema = closed({
  version: z.literal(1, { error: 'must be 1' }).describe('Of this format.'),
  max_call_duration: duration('1m', '24h').describe('No call is longer; what waits for its end waits longer.'),
  // The shortest window is a minute: what is in no evaluation's window is never told.
  evaluation: duration('1s', '1m').describe('How often rules are evaluated.'),
  providers: z.array(ProviderName).max(100).optional().describe('Names of providers that Callspan does not know.'),
  defaults: Defaults,
  limits: closed(Rows).describe('What is too slow, by stage (voice.stage); each is the duration of a span.'),
  notice: closed({ cooldown: duration('1m', '24h') }).describe('A single execution over its critical limit.'),
  dead_air: Counted.describe('Nobody speaks for so long; every single one counts.'),
  event_loop_blocked: Counted.describe('The process does nothing else for so long; every single one counts.'),
  stage_stuck: closed({ severity: SEVERITY }).describe('A stage that runs past its critical limit right now.'),
  objectives: z
    .record(
      text(/^[a-z][a-z0-9_]{0,39}$/, 'a name of small letters, digits and _'),
      closed({
        limit: z.string().describe('The id of a limit: a stage, or stage_provider.'),
        level: choice('warning', 'critical').describe('Which of its two figures an execution must not exceed.'),
        target: figure(0.5, 0.9999).describe('Share of the executions within the figure.'),
        window: duration('7d', '90d'),
      }),
    )
    .describe('Shares to be kept over a long time; how fast the rest is used up fires.'),
  working_hours: Hours.optional().describe('Warnings outside these hours wait.'),
  traffic: closed({ hours: Hours, none_for: duration('5m', '24h') })
    .optional()
    .describe('Hours in which calls are expected: none for so long fires.'),
  services: z
    .record(text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a service.name'), closed({ gone_for: duration('1m', '1h') }))
    .describe('Processes that must be there, by service.name.'),
  http: closed({
    server_errors: closed({ above_per_second: figure(0, 10_000), for: forTime() }),
    p95: closed({ above_ms: milliseconds(), for: forTime() }),
  }),
  memory: closed({
    above_mb: count(10, 1_000_000).describe('Resident memory; 1 MB is 1,000,000 bytes.'),
    for: forTime(),
  }),
  mean_response_gap: closed({ above_ms: milliseconds(), for: forTime() }),
  log_errors: closed({ above: count(0, 1_000_000), window: duration('1m', '1h') }),
  dependency_down: closed({ for: forTime() }),
  pipeline: closed({
    queue_share: share().describe('How full a queue of the Collector may be.'),
    for: forTime('1m'),
  }),
  own_rules: z
    .record(text(/^[a-z][a-z0-9_]{0,59}$/, 'a name of small letters, digits and _'), OwnRule)
    .describe('Rules of one’s own over any metric.'),
}).describe('What is too slow, and what else somebody must hear of.');

/** What `FileSchema` returns. */
export type ThresholdsFile = z.output<typeof FileSchema>;

/** JSON Schema (draft 2020-12) of the file, for editors. */
export function generateFileSchema(): Readonly<Record<string, unknown>> {
  return { title: 'Callspan thresholds', ...z.toJSONSchema(FileSchema, { io: 'input', unrepresentable: 'any' }) };
}
