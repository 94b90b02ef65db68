/** What capacity is computed from: recorded results of `npm run bench -- volume` and `npm run bench -- collector`. */
export type Figures = {
  readonly volume: {
    readonly meanCallMinutes: number;
    readonly traces: { readonly itemsPerCallMinute: number; readonly protobufPerCall: { readonly raw: number } };
    readonly logs: { readonly itemsPerCallMinute: number; readonly protobufPerCall: { readonly raw: number } };
    readonly metrics: { readonly series: number };
    readonly spanMetricSets: number;
    readonly botCpuMsPerCallMinute: number;
  };
  readonly collector: {
    readonly cpuMsPerCall: number;
    readonly tempoBytesPerCall: number;
    readonly lokiBytesPerCall: number;
    readonly sampledSpanBytes: number;
  };
};

/** What is assumed, because nothing here measures it. */
export type Assumptions = {
  /** Calls go on for so long a day at the full number; business hours are half a day. */
  readonly busyHoursADay: number;
  /** Share of a core that a bot or a Collector is planned to use. */
  readonly coreShare: number;
  /** How long the sampler waits for a decision, seconds (collector/overlays/sampling.generated.yaml). */
  readonly decisionWaitS: number;
  /** Bounds of the span metrics' histogram (collector/span-metrics-buckets.generated.yaml). */
  readonly bucketCount: number;
  /** Bytes of a sample on Prometheus' disk; its documentation says 1 to 2. */
  readonly bytesPerSample: number;
  /** Seconds between samples of a series. */
  readonly sampleEveryS: number;
  readonly retentionDays: number;
};

/** What so many calls at once need. Bytes a second are those of OTLP protobuf without compression; GB are 10^9 bytes. */
export type Capacity = {
  readonly concurrentCalls: number;
  readonly spansPerS: number;
  readonly logsPerS: number;
  readonly bytesPerS: number;
  /** Bot processes of one core each. */
  readonly bots: number;
  /** Collectors of one core each; with sampling, of the second tier. */
  readonly collectors: number;
  readonly series: number;
  /** All Collectors with the sampling overlay together, GB. */
  readonly samplerGb: number;
  readonly tempoGb: number;
  readonly lokiGb: number;
  readonly prometheusGb: number;
};

const GB = 1e9;

/** Pure: the same figures give the same table. */
export function computeCapacity(concurrentCalls: number, figures: Figures, assumed: Assumptions): Capacity {
  const { volume, collector } = figures;
  const callsPerS = concurrentCalls / (volume.meanCallMinutes * 60);
  const perS = (itemsPerCallMinute: number) => (concurrentCalls * itemsPerCallMinute) / 60;
  const spansPerS = perS(volume.traces.itemsPerCallMinute);
  const botShare = volume.botCpuMsPerCallMinute / 60_000;
  const bots = atLeastOne((concurrentCalls * botShare) / assumed.coreShare);
  const collectors = atLeastOne((callsPerS * collector.cpuMsPerCall) / 1000 / assumed.coreShare);
  const series = bots * volume.metrics.series + collectors * volume.spanMetricSets * (assumed.bucketCount + 4);
  const keptCalls = callsPerS * assumed.busyHoursADay * 3600 * assumed.retentionDays;
  const samples = (series / assumed.sampleEveryS) * 86_400 * assumed.retentionDays;
  return {
    concurrentCalls,
    spansPerS,
    logsPerS: perS(volume.logs.itemsPerCallMinute),
    bytesPerS: callsPerS * (volume.traces.protobufPerCall.raw + volume.logs.protobufPerCall.raw),
    bots,
    collectors,
    series,
    samplerGb: (spansPerS * assumed.decisionWaitS * collector.sampledSpanBytes) / GB,
    tempoGb: (keptCalls * collector.tempoBytesPerCall) / GB,
    lokiGb: (keptCalls * collector.lokiBytesPerCall) / GB,
    prometheusGb: (samples * assumed.bytesPerSample) / GB,
  };
}

function atLeastOne(count: number): number {
  return Math.max(1, Math.ceil(count));
}
