import type { CountingReceiver } from './receiver.ts';
import { SIGNALS, type SignalName, type Taken } from './taken.ts';

/** Bytes of one encoding. */
export type EncodedBytes = { readonly raw: number; readonly gzip: number };

/** What one signal weighs. For metrics a "call minute" has no meaning: their figures are those of a process. */
export type SignalVolume = {
  readonly itemsPerCallMinute: number;
  readonly itemsPerCall: number;
  readonly jsonPerCall: EncodedBytes;
  readonly protobufPerCall: EncodedBytes;
};

/** Metrics of a process, which are the same whether it has one call or a hundred. */
export type MetricVolume = {
  /** Series in Prometheus of the SDK's own metrics. */
  readonly series: number;
  readonly jsonPerMinute: EncodedBytes;
  readonly protobufPerMinute: EncodedBytes;
};

/** The figures of `npm run bench -- volume`. */
export type VolumeReport = {
  readonly bench: 'volume';
  readonly calls: number;
  readonly speed: number;
  readonly capture: string;
  readonly meanCallMinutes: number;
  readonly traces: SignalVolume;
  readonly logs: SignalVolume;
  /** Of a bot and a records service together. */
  readonly metrics: MetricVolume;
  /** Label sets that `span_metrics` makes of these calls. */
  readonly spanMetricSets: number;
  /** The viewer's file, an empty store and the metrics of the run included. */
  readonly viewerStoredBytesPerCall: number;
  /** Processor time of the bot, kit included, models and line not. */
  readonly botCpuMsPerCallMinute: number;
};

/** What was measured. */
export type Measured = {
  readonly calls: readonly number[];
  readonly json: CountingReceiver;
  readonly protobuf: CountingReceiver;
  readonly botCpuMs: number;
  readonly storedBytes: number;
  readonly speed: string;
  readonly capture: string;
};

/** Metrics leave every 15 s (otel/src/metrics/config.ts). */
const EXPORTS_PER_MINUTE = 4;

/** Sums what two receivers took up to figures of one call and one minute. Minutes are those of the line, whatever the speed. */
export function reportVolume(measured: Measured): VolumeReport {
  const { calls, json, protobuf, botCpuMs, storedBytes, speed, capture } = measured;
  const minutes = calls.reduce((sum, durationMs) => sum + durationMs / 60_000, 0);
  const of = (signal: 'traces' | 'logs'): SignalVolume => {
    const [asJson, asProtobuf] = [sumOf(json, signal), sumOf(protobuf, signal)];
    return {
      itemsPerCallMinute: asJson.items / minutes,
      itemsPerCall: asJson.items / calls.length,
      jsonPerCall: bytesOf(asJson, calls.length),
      protobufPerCall: bytesOf(asProtobuf, calls.length),
    };
  };
  return roundAll({
    bench: 'volume',
    calls: calls.length,
    speed: Number(speed),
    capture,
    meanCallMinutes: minutes / calls.length,
    traces: of('traces'),
    logs: of('logs'),
    metrics: { series: json.series.size, jsonPerMinute: largestOf(json), protobufPerMinute: largestOf(protobuf) },
    spanMetricSets: json.spanSeries.size,
    viewerStoredBytesPerCall: storedBytes / calls.length,
    botCpuMsPerCallMinute: botCpuMs / minutes,
  });
}

function sumOf({ taken }: CountingReceiver, signal: SignalName): Taken {
  const all = Object.values(taken).map((ofService) => ofService[signal]);
  const sum = (key: keyof Taken) => all.reduce((total, one) => total + one[key], 0);
  return {
    requests: sum('requests'),
    items: sum('items'),
    rawBytes: sum('rawBytes'),
    gzipBytes: sum('gzipBytes'),
    largestRawBytes: sum('largestRawBytes'),
    largestGzipBytes: sum('largestGzipBytes'),
  };
}

function bytesOf({ rawBytes, gzipBytes }: Taken, calls: number): EncodedBytes {
  return { raw: rawBytes / calls, gzip: gzipBytes / calls };
}

/** The largest request of each service is a whole export of all of its series. */
function largestOf(receiver: CountingReceiver): EncodedBytes {
  const { largestRawBytes, largestGzipBytes } = sumOf(receiver, SIGNALS[2]);
  return { raw: largestRawBytes * EXPORTS_PER_MINUTE, gzip: largestGzipBytes * EXPORTS_PER_MINUTE };
}

function roundAll(report: VolumeReport): VolumeReport {
  const round = (_key: string, value: unknown) =>
    typeof value === 'number' ? Math.round(value * (value < 10 ? 1000 : 1)) / (value < 10 ? 1000 : 1) : value;
  return JSON.parse(JSON.stringify(report, round)) as VolumeReport;
}
