/** A metric that an engine or a receiver of the Collector has of itself, and where its makers write so. */
export type EngineMetric = {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  /** File of the maker's repository, or page of its documents, that names it. */
  readonly source: string;
};

const COLLECTOR = 'https://opentelemetry.io/docs/collector/internal-telemetry/';
const HOST = 'github.com/open-telemetry/opentelemetry-collector-contrib receiver/hostmetricsreceiver/internal/scraper';
const LOKI = 'https://grafana.com/docs/loki/latest/operations/observability/';
const TEMPO = 'https://grafana.com/docs/tempo/latest/operations/monitor/';
const PROMETHEUS = 'github.com/prometheus/prometheus';

const counter = (name: string, labels: readonly string[], source: string) =>
  ({ name, kind: 'counter', labels, source }) as const satisfies EngineMetric;
const gauge = (name: string, labels: readonly string[], source: string) =>
  ({ name, kind: 'gauge', labels, source }) as const satisfies EngineMetric;
const histogram = (name: string, labels: readonly string[], source: string) =>
  ({ name, kind: 'histogram', labels, source }) as const satisfies EngineMetric;

/** Every metric of the boards that is not of Callspan's conventions. Counters of the Collector end with `_total` or not. */
export const EngineMetric = {
  accepted: {
    spans: counter('otelcol_receiver_accepted_spans', ['receiver'], COLLECTOR),
    points: counter('otelcol_receiver_accepted_metric_points', ['receiver'], COLLECTOR),
    records: counter('otelcol_receiver_accepted_log_records', ['receiver'], COLLECTOR),
  },
  refused: {
    spans: counter('otelcol_receiver_refused_spans', ['receiver'], COLLECTOR),
    points: counter('otelcol_receiver_refused_metric_points', ['receiver'], COLLECTOR),
    records: counter('otelcol_receiver_refused_log_records', ['receiver'], COLLECTOR),
  },
  sent: {
    spans: counter('otelcol_exporter_sent_spans', ['exporter'], COLLECTOR),
    points: counter('otelcol_exporter_sent_metric_points', ['exporter'], COLLECTOR),
    records: counter('otelcol_exporter_sent_log_records', ['exporter'], COLLECTOR),
  },
  sendFailed: {
    spans: counter('otelcol_exporter_send_failed_spans', ['exporter'], COLLECTOR),
    points: counter('otelcol_exporter_send_failed_metric_points', ['exporter'], COLLECTOR),
    records: counter('otelcol_exporter_send_failed_log_records', ['exporter'], COLLECTOR),
  },
  queueSize: gauge('otelcol_exporter_queue_size', ['exporter', 'data_type'], COLLECTOR),
  queueCapacity: gauge('otelcol_exporter_queue_capacity', ['exporter', 'data_type'], COLLECTOR),
  collectorCpu: counter('otelcol_process_cpu_seconds', [], COLLECTOR),
  collectorMemory: gauge('otelcol_process_memory_rss', [], COLLECTOR),
  hostCpu: counter('system_cpu_time_seconds_total', ['state', 'host_name'], `${HOST}/cpuscraper/documentation.md`),
  hostMemory: gauge('system_memory_usage_bytes', ['state', 'host_name'], `${HOST}/memoryscraper/documentation.md`),
  hostDisk: gauge(
    'system_filesystem_usage_bytes',
    ['state', 'host_name', 'mountpoint'],
    `${HOST}/filesystemscraper/documentation.md`,
  ),
  lokiBytes: counter('loki_distributor_bytes_received_total', [], LOKI),
  lokiLines: counter('loki_distributor_lines_received_total', [], LOKI),
  lokiDuration: histogram('loki_request_duration_seconds', ['route'], LOKI),
  lokiDiscarded: counter('loki_discarded_samples_total', ['reason'], LOKI),
  tempoSpans: counter('tempo_distributor_spans_received_total', [], TEMPO),
  tempoBytes: counter('tempo_distributor_bytes_received_total', [], TEMPO),
  tempoDuration: histogram('tempo_request_duration_seconds', ['route'], TEMPO),
  tempoDiscarded: counter('tempo_discarded_spans_total', ['reason'], TEMPO),
  prometheusSeries: gauge('prometheus_tsdb_head_series', [], `${PROMETHEUS} tsdb/head.go`),
  prometheusSamples: counter('prometheus_tsdb_head_samples_appended_total', ['type'], `${PROMETHEUS} tsdb/head.go`),
  ruleFailures: counter('prometheus_rule_evaluation_failures_total', ['rule_group'], `${PROMETHEUS} rules/group.go`),
  notifications: counter(
    'alertmanager_notifications_total',
    ['integration'],
    'github.com/prometheus/alertmanager notify/notify.go',
  ),
  notificationsFailed: counter(
    'alertmanager_notifications_failed_total',
    ['integration'],
    'github.com/prometheus/alertmanager notify/notify.go',
  ),
  alerts: gauge('ALERTS', ['alertstate', 'alertname'], `${PROMETHEUS} rules/alerting.go`),
  up: gauge('up', ['job'], `${PROMETHEUS} scrape/scrape.go`),
} as const;
