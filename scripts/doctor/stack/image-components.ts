/** Kinds of components of a Collector, as its configuration calls them. */
export const KINDS = ['extensions', 'receivers', 'processors', 'exporters', 'connectors'] as const;
export type Kind = (typeof KINDS)[number];
/** Types of components by kind. */
export type Components = Readonly<Record<Kind, ReadonlySet<string>>>;

const words = (text: string) => new Set(text.trim().split(/\s+/));

/**
 * What `otel/opentelemetry-collector-contrib:0.155.0` holds of use beside phone calls: from the manifest of its releases
 * (github.com/open-telemetry/opentelemetry-collector-releases, distributions/otelcol-contrib); old names are aliases.
 */
export const CONTRIB_IMAGE: Components = {
  extensions: words(`
    ack asapauth awsproxy azure_auth basicauth bearertokenauth cgroupruntime datadog db_storage docker_observer ecs_observer
    file_storage googleclientauth headers_setter health_check host_observer http_forwarder jaegerremotesampling
    json_log_encoding k8s_leader_elector k8s_observer oauth2client oidc opamp otlp_encoding pprof redis_storage sigv4auth
    text_encoding zipkin_encoding zpages`),
  receivers: words(`
    apache aerospike awscloudwatch awsfirehose awss3 awsxray azureblob azureeventhub azuremonitor carbon chrony collectd datadog
    docker_stats elasticsearch faro file_log filelog filestats fluentforward githubactions googlecloudpubsub haproxy host_metrics hostmetrics
    http_check httpcheck influxdb jaeger journald k8s_cluster k8s_events k8sobjects kafka kafkametrics kubeletstats loki
    memcached mongodb mysql namedpipe netflow nginx nop ntp oracledb otelarrow otlp otlpjsonfile otlp_json_file podman_stats
    postgresql prometheus prometheusremotewrite pulsar rabbitmq receiver_creator redis signalfx skywalking snmp solace
    splunk_hec sqlquery sqlserver sshcheck statsd syslog systemd tcpcheck tcp_check tcplog tlscheck tls_check udplog vcenter
    webhookevent windowseventlog windowsperfcounters windowsservice zipkin zookeeper`),
  processors: words(`
    attributes batch coralogix cumulativetodelta deltatocumulative deltatorate filter gen_ai_normalizer geoip groupbyattrs
    groupbytrace interval isolationforest k8sattributes k8s_attributes logdedup log_dedup memory_limiter metricsgeneration
    metrics_generation metricstarttime metricstransform probabilistic_sampler redaction remotetap resource resourcedetection
    resource_detection schema span sumologic tail_sampling transform unroll`),
  exporters: words(`
    alibabacloud_logservice awscloudwatchlogs awsemf awskinesis awss3 awsxray azureblob azuredataexplorer azuremonitor
    azure_monitor bmchelix carbon cassandra clickhouse coralogix datadog dataset debug doris elasticsearch faro file googlecloud
    googlecloudpubsub googlemanagedprometheus honeycombmarker influxdb kafka loadbalancing load_balancing logicmonitor logzio
    mezmo nop opensearch otelarrow otlp otlp_grpc otlphttp otlp_http prometheus prometheusremotewrite prometheus_remote_write
    pulsar rabbitmq sapm sentry signalfx splunk_hec stef sumologic syslog tencentcloud_logservice tinybird zipkin`),
  connectors: words(`
    count datadog exceptions failover forward grafanacloud otlpjson metricsaslogs metrics_as_logs roundrobin round_robin routing
    servicegraph service_graph signal_to_metrics signaltometrics slowsql spanmetrics span_metrics sum`),
};

/** Names that a module's own differs from. */
const TYPE_OF: Readonly<Record<string, string>> = {
  healthcheck: 'health_check',
  filestorage: 'file_storage',
  memorylimiter: 'memory_limiter',
  tailsampling: 'tail_sampling',
  hostmetrics: 'host_metrics',
  otlphttp: 'otlp_http',
  spanmetrics: 'span_metrics',
  servicegraph: 'service_graph',
  loadbalancing: 'load_balancing',
};
const ENDING = /(extension|receiver|processor|exporter|connector)$/;

/** What the distribution of a builder's manifest holds. @param manifest collector/builder-config.yaml, read */
export function readDistribution(
  manifest: Partial<Record<string, readonly { readonly gomod?: string }[]>>,
): Components {
  const typesOf = (kind: Kind) =>
    new Set(
      (manifest[kind] ?? []).flatMap(({ gomod = '' }) => {
        const module = gomod.split(' ')[0]?.split('/').at(-1) ?? '';
        const name = module.replace(ENDING, '');
        // Names that are older than the rule of underscores are still answered to.
        return [name, TYPE_OF[name] ?? name, ...(kind === 'exporters' && name === 'otlp' ? ['otlp_grpc'] : [])];
      }),
    );
  const [extensions, receivers, processors, exporters, connectors] = KINDS.map(typesOf);
  const none = new Set<string>();
  return {
    extensions: extensions ?? none,
    receivers: receivers ?? none,
    processors: processors ?? none,
    exporters: exporters ?? none,
    connectors: connectors ?? none,
  };
}
