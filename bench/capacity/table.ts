import type { VolumeReport } from '../volume/report.ts';
import type { Capacity } from './model.ts';

/** What a call weighs by signal, as it is sent. */
export function formatVolumeTable({
  traces,
  logs,
  metrics,
  meanCallMinutes,
  viewerStoredBytesPerCall,
}: VolumeReport): string {
  const perCall = ({ itemsPerCall, itemsPerCallMinute, jsonPerCall, protobufPerCall }: VolumeReport['traces']) => [
    count(itemsPerCall),
    count(itemsPerCallMinute),
    size(jsonPerCall.raw),
    size(jsonPerCall.gzip),
    size(protobufPerCall.raw),
    size(protobufPerCall.gzip),
  ];
  const { jsonPerMinute: json, protobufPerMinute: protobuf } = metrics;
  const ofMetrics = [
    `${count(metrics.series)} series`,
    '',
    size(json.raw),
    size(json.gzip),
    size(protobuf.raw),
    size(protobuf.gzip),
  ];
  const stored = `In the viewer's store a call takes ${size(viewerStoredBytesPerCall)}, metrics of the time included. A call lasted ${count(meanCallMinutes * 60)} s.`;
  return [
    line(['', 'items', 'a minute of a call', 'JSON', 'JSON, gzip', 'protobuf', 'protobuf, gzip']),
    `|---|${'--:|'.repeat(6)}`,
    line(['spans of a call', ...perCall(traces)]),
    line(['log records of a call', ...perCall(logs)]),
    line(['metrics of a bot and a records service, a minute, however many calls', ...ofMetrics]),
    '',
    stored,
  ].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

const COLUMNS: readonly (readonly [title: string, cell: (row: Capacity) => string])[] = [
  ['calls at once', ({ concurrentCalls }) => count(concurrentCalls)],
  ['spans/s', ({ spansPerS }) => count(spansPerS)],
  ['log records/s', ({ logsPerS }) => count(logsPerS)],
  ['OTLP', ({ bytesPerS }) => `${size(bytesPerS)}/s`],
  ['bots (cores)', ({ bots }) => count(bots)],
  ['Collectors (cores)', ({ collectors }) => count(collectors)],
  ['series', ({ series }) => count(series)],
  ['memory of sampling', ({ samplerGb }) => size(samplerGb * 1e9)],
  ['Tempo, 30 days', ({ tempoGb }) => size(tempoGb * 1e9)],
  ['Loki, 30 days', ({ lokiGb }) => size(lokiGb * 1e9)],
  ['Prometheus, 30 days', ({ prometheusGb }) => size(prometheusGb * 1e9)],
];

/** The rows as a table of Markdown. */
export function formatCapacityTable(rows: readonly Capacity[]): string {
  const titles = COLUMNS.map(([title]) => title);
  const rule = `|${COLUMNS.map(() => '--:').join('|')}|`;
  return [line(titles), rule, ...rows.map((row) => line(COLUMNS.map(([, cell]) => cell(row))))].join('\n');
}

/** Two digits that count, with commas. */
function count(value: number): string {
  return Math.round(Number(value.toPrecision(value >= 1000 ? 3 : 2))).toLocaleString('en');
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

function size(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(bytes) / 3)));
  return `${Number((bytes / 1000 ** power).toPrecision(2)).toLocaleString('en')} ${UNITS[power]}`;
}
