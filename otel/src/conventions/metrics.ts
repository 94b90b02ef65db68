/** Bounds of histograms, in the unit of their instrument; every duration limit must be one of them. */
export const BUCKETS = {
  /** Gap, segments, stages, barge-in, dead air, gen_ai and HTTP durations; seconds. */
  duration: [
    0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.375, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1, 1.1, 1.115, 1.2, 1.4, 1.5, 1.6,
    1.8, 2, 2.5, 3, 4, 5, 7.5, 8, 10, 15, 30,
  ],
  /** Whole calls; seconds. */
  call: [1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600],
  /** Setup of a call; seconds. */
  setup: [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10],
  /** Jitter, underrun, mark delays; seconds. */
  media: [0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2],
  /** US dollars. */
  cost: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
} as const satisfies Readonly<Record<string, readonly number[]>>;

/** How one instrument of the SDK is made. Durations are seconds: OpenTelemetry declares the unit, it does not name it. */
export type MetricDescriptor = {
  readonly name: string;
  readonly kind: 'counter' | 'histogram' | 'updown' | 'gauge';
  readonly unit: string;
  readonly labels: readonly string[];
  readonly meaning: string;
  readonly buckets?: readonly number[];
};

/** Every metric that the kit records itself; what is a span's duration is not among them. */
export const Metric = {
  turnCount: {
    name: 'voice.turn.count',
    kind: 'counter',
    unit: '{turn}',
    labels: ['voice.turn.end_reason', 'voice.turn.critical_segment'],
    meaning: 'turns that have ended',
  },
  turnUnmeasured: {
    name: 'voice.turn.unmeasured',
    kind: 'counter',
    unit: '{turn}',
    labels: ['reason'],
    meaning: 'turns without a response gap: with voice.turn.count, the coverage',
  },
  turnPlatformGap: {
    name: 'voice.turn.platform_gap.duration',
    kind: 'histogram',
    unit: 's',
    labels: [],
    meaning: 'last voiced frame arrived to first media written: this process alone',
    buckets: BUCKETS.duration,
  },
  callCount: {
    name: 'voice.call.count',
    kind: 'counter',
    unit: '{call}',
    labels: ['voice.call.outcome', 'voice.call.end_reason', 'voice.call.direction', 'voice.call.language', 'caller'],
    meaning: 'calls that have ended',
  },
  callActive: { name: 'voice.call.active', kind: 'updown', unit: '{call}', labels: [], meaning: 'calls going on' },
  callRejected: {
    name: 'voice.call.rejected',
    kind: 'counter',
    unit: '{call}',
    labels: ['reason'],
    meaning: 'media streams that were refused',
  },
  deadAir: {
    name: 'voice.dead_air.duration',
    kind: 'histogram',
    unit: 's',
    labels: ['cause'],
    meaning: 'silences on both sides of the line above their limit',
    buckets: BUCKETS.duration,
  },
  stageStuck: {
    name: 'voice.stage.stuck',
    kind: 'counter',
    unit: '{stage}',
    labels: ['stage'],
    meaning: 'stages that ran past their critical limit, counted while they ran',
  },
  mediaJitter: {
    name: 'voice.media.jitter',
    kind: 'histogram',
    unit: 's',
    labels: [],
    meaning: 'interarrival jitter of inbound frames (RFC 3550), one value a second',
    buckets: BUCKETS.media,
  },
  mediaLost: {
    name: 'voice.media.lost',
    kind: 'counter',
    unit: 's',
    labels: [],
    meaning: 'inbound audio that never came',
  },
  playoutUnderrun: {
    name: 'voice.playout.underrun',
    kind: 'counter',
    unit: 's',
    labels: [],
    meaning: 'holes that the caller heard in the middle of an answer',
  },
  playoutDiscarded: {
    name: 'voice.playout.discarded',
    kind: 'counter',
    unit: 's',
    labels: [],
    meaning: 'audio that was sent and never heard',
  },
  markAckDelay: {
    name: 'voice.mark.ack.delay',
    kind: 'histogram',
    unit: 's',
    labels: [],
    meaning: 'how much later a mark came back than its audio must have been played',
    buckets: BUCKETS.media,
  },
  markMissed: {
    name: 'voice.mark.missed',
    kind: 'counter',
    unit: '{mark}',
    labels: [],
    meaning: 'marks that never came back',
  },
  genAiDuration: {
    name: 'gen_ai.client.operation.duration',
    kind: 'histogram',
    unit: 's',
    labels: ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.request.model', 'voice.stage', 'error.type'],
    meaning: 'model calls over all their attempts',
    buckets: BUCKETS.duration,
  },
  genAiFirstChunk: {
    name: 'gen_ai.client.operation.time_to_first_chunk',
    kind: 'histogram',
    unit: 's',
    labels: ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.request.model', 'voice.stage'],
    meaning: 'request to first content',
    buckets: BUCKETS.duration,
  },
  genAiTokens: {
    name: 'gen_ai.client.token.usage',
    kind: 'counter',
    unit: '{token}',
    labels: [
      'gen_ai.operation.name',
      'gen_ai.provider.name',
      'gen_ai.request.model',
      'voice.stage',
      'gen_ai.token.type',
    ],
    meaning: 'tokens, as the provider counted them',
  },
  cost: {
    name: 'voice.cost',
    kind: 'counter',
    unit: '{USD}',
    labels: ['component', 'gen_ai.request.model', 'voice.stage'],
    meaning: 'money spent, from the prices file',
  },
  callCost: {
    name: 'voice.call.cost',
    kind: 'histogram',
    unit: '{USD}',
    labels: [],
    meaning: 'cost of a call; only calls whose every part has a price',
    buckets: BUCKETS.cost,
  },
  extractionCount: {
    name: 'voice.extraction.count',
    kind: 'counter',
    unit: '{extraction}',
    labels: ['result'],
    meaning: 'extractions by result: valid, invalid, failed',
  },
  saveCount: {
    name: 'voice.save.count',
    kind: 'counter',
    unit: '{save}',
    labels: ['outcome'],
    meaning: 'saves by outcome',
  },
  thresholdBreaches: {
    name: 'voice.threshold.breaches',
    kind: 'counter',
    unit: '{breach}',
    labels: ['threshold', 'level', 'stage'],
    meaning: 'executions that passed a limit',
  },
  errors: {
    name: 'voice.errors',
    kind: 'counter',
    unit: '{error}',
    labels: ['error.type', 'severity'],
    meaning: 'failures by closed kind',
  },
  cacheRequests: {
    name: 'callspan.cache.requests',
    kind: 'counter',
    unit: '{request}',
    labels: ['cache', 'result'],
    meaning: 'look-ups in caches by result: hit, miss',
  },
  outboxPending: {
    name: 'voice.outbox.pending',
    kind: 'gauge',
    unit: '{record}',
    labels: [],
    meaning: 'records that wait for their delivery',
  },
  outboxOldestAge: {
    name: 'voice.outbox.oldest_age',
    kind: 'gauge',
    unit: 's',
    labels: [],
    meaning: 'age of the oldest of them',
  },
  outboxDead: {
    name: 'voice.outbox.dead',
    kind: 'gauge',
    unit: '{record}',
    labels: [],
    meaning: 'records that were refused for good',
  },
  logRecords: {
    name: 'callspan.log.records',
    kind: 'counter',
    unit: '{record}',
    labels: ['severity'],
    meaning: 'log lines by severity',
  },
  spans: {
    name: 'callspan.spans',
    kind: 'updown',
    unit: '{span}',
    labels: ['state'],
    meaning: 'spans by state: started, stored, delivered, pending, dead',
  },
  traceIncomplete: {
    name: 'callspan.trace.incomplete',
    kind: 'counter',
    unit: '{trace}',
    labels: ['reason'],
    meaning: 'traces that lost a span on their way out',
  },
  dependencyUp: {
    name: 'callspan.dependency.up',
    kind: 'gauge',
    unit: '',
    labels: ['dependency'],
    meaning:
      '0 when something that a service needs did not answer, until it does or nobody has asked it for 10 minutes; else 1',
  },
  dependencyResponseDuration: {
    name: 'callspan.dependency.response.duration',
    kind: 'histogram',
    unit: 's',
    labels: ['dependency'],
    meaning: 'how long its answer took',
    buckets: BUCKETS.duration,
  },
  websocketActive: {
    name: 'callspan.websocket.active',
    kind: 'updown',
    unit: '{connection}',
    labels: [],
    meaning: 'open WebSocket connections of media streams',
  },
} as const satisfies Readonly<Record<string, MetricDescriptor>>;
