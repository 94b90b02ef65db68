/** How bad: a warning is looked at in working hours, a critical pages, a notice tells a channel of one single execution. */
export type Severity = 'warning' | 'critical' | 'notice';

/** When a rule over a share fires: more than `share` (0 to 1) of the executions of the window, for `forMs`. */
export type ShareRule = { readonly share: number; readonly forMs: number };

/** When a rule over a ratio of errors fires: more than `ratio` (0 to 1) of the executions of the window, for `forMs`. */
export type RatioRule = { readonly ratio: number; readonly forMs: number };

/**
 * What is too slow for one stage: one row of the file with every default applied. A row without `provider` is for every
 * provider that has no row of its own.
 */
export type Limit = {
  /** `response_gap`, or with a provider `transcription_deepgram`; the id in `CALLSPAN_THRESHOLD_<ID>_WARNING_MS`. */
  readonly id: string;
  /** A value of `voice.stage`. */
  readonly stage: string;
  /** A value of `gen_ai.provider.name`. */
  readonly provider?: string;
  /** Providers of the same stage that have a row of their own: excluded where this row has none. */
  readonly exceptProviders: readonly string[];
  readonly warningMs: number;
  readonly criticalMs: number;
  readonly warning: ShareRule;
  readonly critical: ShareRule;
  /** Executions in the window below which neither fires. */
  readonly minExecutions: number;
  readonly windowMs: number;
  readonly keepFiringForMs: number;
  readonly errors?: { readonly warning?: RatioRule; readonly critical?: RatioRule };
};

/** Hours in which something is expected: days of ISO 8601 (1 is Monday), minutes of the local day, from <= m < to. */
export type WorkingHours = {
  readonly days: readonly number[];
  readonly fromMinute: number;
  readonly toMinute: number;
  /** A name of the IANA time zone database. */
  readonly timeZone: string;
};

/** A share of executions that must be within a limit over a long window; its burn rates alarm. */
export type Objective = {
  readonly id: string;
  /** The limit, by its id, and which of its two figures an execution must not exceed. */
  readonly limit: string;
  readonly level: 'warning' | 'critical';
  /** Between 0 and 1, for example 0.99. */
  readonly target: number;
  readonly windowMs: number;
};

/** A value over a figure for a time: resident memory, HTTP 5xx, dependency down and others of TELEMETRY.md 4. */
export type PlainRule = {
  readonly id: string;
  readonly severity: Severity;
  /** PromQL, true where it returns anything. Names as Prometheus gets them by OTLP. */
  readonly expr: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  /** One sentence, `{{ $labels.x }}` allowed, for somebody who was woken by it. */
  readonly summary: string;
  /** Labels beside `severity`, fixed. */
  readonly labels: Readonly<Record<string, string>>;
};

/** Series of a test: selector, and values a minute apart in promtool's notation (`0+1x60`). */
export type TestSeries = { readonly series: string; readonly values: string };

/** A rule written by hand, with the series that prove it. */
export type OwnRule = PlainRule & {
  /** It fires at the end of these. */
  readonly firing: readonly TestSeries[];
  /** It is silent throughout these. */
  readonly silent: readonly TestSeries[];
};

/** The whole file: checked, defaults applied, durations in milliseconds, overrides of the environment taken. */
export type Thresholds = {
  readonly version: 1;
  /** No call is longer; what waits for the end of a call waits longer than this. */
  readonly maxCallDurationMs: number;
  readonly evaluationMs: number;
  readonly limits: readonly Limit[];
  /** A single execution over its critical limit: how long it stays silent after it has told. */
  readonly notice: { readonly cooldownMs: number };
  /** Counted, not shared. Both bounds of the buckets of their histograms. */
  readonly deadAir: { readonly warningMs: number; readonly criticalMs: number };
  readonly eventLoopBlocked: { readonly warningMs: number; readonly criticalMs: number };
  readonly stageStuck: { readonly severity: Severity };
  readonly objectives: readonly Objective[];
  readonly workingHours?: WorkingHours;
  /** Calls are expected in these hours; none for so long is told. */
  readonly traffic?: { readonly hours: WorkingHours; readonly noneForMs: number };
  /** `service.name` of each process that must be there. */
  readonly services: readonly { readonly name: string; readonly goneForMs: number }[];
  readonly http: {
    readonly serverErrorsPerSecond: { readonly above: number; readonly forMs: number };
    readonly p95: { readonly aboveMs: number; readonly forMs: number };
  };
  readonly memory: { readonly aboveBytes: number; readonly forMs: number };
  readonly meanResponseGap: { readonly aboveMs: number; readonly forMs: number };
  readonly logErrors: { readonly above: number; readonly windowMs: number };
  readonly dependencyDown: { readonly forMs: number };
  readonly pipeline: { readonly queueShare: number; readonly forMs: number };
  /** Written by hand in the file, over any metric. */
  readonly ownRules: readonly OwnRule[];
};
