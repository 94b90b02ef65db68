/** Keys of a section, and those below them; `true` where anything may stand. */
export type KnownKeys = { readonly [key: string]: KnownKeys | true };

const keys = (names: string, more: KnownKeys = {}): KnownKeys => ({
  ...Object.fromEntries(names.split(/\s+/).map((name) => [name, true as const])),
  ...more,
});

const RING = keys(
  'kvstore heartbeat_period heartbeat_timeout instance_id instance_interface_names instance_port instance_addr enable_inet6',
);
const WAL = keys('path ingestion_time_range_slack');
const COMPACTION = keys(
  'block_retention compacted_block_retention compaction_window max_block_bytes retention_concurrency max_time_per_tenant compaction_cycle',
);

/**
 * The keys of the sections that a monolithic Tempo 3.0 needs, from its configuration reference
 * (docs/sources/tempo/configuration/_index.md); Tempo refuses a file with any other.
 */
export const TEMPO_KEYS: KnownKeys = keys('stream_over_http_enabled target multitenancy_enabled http_api_prefix', {
  server: keys(
    'http_listen_address http_listen_port grpc_listen_address grpc_listen_port register_instrumentation graceful_shutdown_timeout http_server_read_timeout http_server_write_timeout http_server_idle_timeout grpc_server_max_recv_msg_size grpc_server_max_send_msg_size log_level log_format',
  ),
  distributor: keys('forwarders max_attribute_bytes retry_after_on_resource_exhausted log_discarded_spans', {
    ring: RING,
    receivers: keys('zipkin jaeger', { otlp: { protocols: { http: keys('endpoint'), grpc: keys('endpoint') } } }),
  }),
  live_store: keys(
    'commit_interval flush_check_period flush_op_timeout max_trace_idle max_trace_live max_live_traces_bytes max_block_bytes max_block_duration query_block_concurrency complete_block_concurrency complete_block_timeout readiness_target_lag readiness_max_wait fail_on_high_lag remove_owner_on_shutdown shutdown_marker_dir partition_ring metrics',
    { ring: RING, wal: WAL },
  ),
  backend_scheduler: keys('maintenance_interval backend_flush_interval job_timeout local_work_path', {
    work: keys('prune_age dead_job_timeout'),
    provider: {
      retention: keys('interval'),
      compaction: keys('measure_interval max_jobs_per_tenant min_input_blocks max_input_blocks min_cycle_interval', {
        compaction: COMPACTION,
      }),
      redaction: keys('poll_interval rescan_delay max_rescan_generations'),
    },
  }),
  backend_worker: keys('backend_scheduler_addr backoff override_ring_key finish_on_shutdown_timeout', {
    compaction: COMPACTION,
    ring: RING,
  }),
  memberlist: keys('node_name bind_addr bind_port advertise_addr advertise_port join_members cluster_label'),
  querier: keys('max_concurrent_queries', {
    trace_by_id: keys('query_timeout'),
    search: keys('query_timeout'),
    metrics: keys('concurrent_blocks time_overlap_cutoff'),
    frontend_worker: keys('frontend_address'),
  }),
  query_frontend: keys('max_outstanding_per_tenant max_batch_size max_retries max_query_expression_size_bytes', {
    search: keys(
      'concurrent_jobs target_bytes_per_job default_result_limit max_result_limit max_duration query_backend_after default_spans_per_span_set max_spans_per_span_set',
    ),
    trace_by_id: keys('query_shards'),
    metrics: keys('concurrent_jobs target_bytes_per_job max_duration query_backend_after interval max_exemplars'),
  }),
  storage: {
    trace: keys('backend blocklist_poll blocklist_poll_concurrency block search pool', {
      local: keys('path'),
      s3: keys(
        'bucket prefix endpoint region access_key secret_key session_token insecure tls_ca_path tls_server_name forcepathstyle hedge_requests_at hedge_requests_up_to storage_class sse',
      ),
      wal: WAL,
    }),
  },
  overrides: keys('per_tenant_override_config per_tenant_override_period', {
    defaults: {
      ingestion: keys(
        'rate_strategy rate_limit_bytes burst_size_bytes max_traces_per_user tenant_shard_size max_attribute_bytes retry_info_enabled',
      ),
      read: keys('max_bytes_per_tag_values_query max_blocks_per_tag_values_query max_search_duration'),
      compaction: keys('block_retention compaction_window compaction_disabled'),
      global: keys('max_bytes_per_trace'),
    },
  }),
  usage_report: keys('reporting_enabled'),
});

/** The keys of a document that `known` has not, as paths: `ingester.lifecycler`. */
export function listUnknownKeys(document: unknown, known: KnownKeys | true = TEMPO_KEYS, at = ''): readonly string[] {
  if (known === true || typeof document !== 'object' || document === null) return [];
  return Object.entries(document).flatMap(([key, value]) => {
    const below = known[key];
    const path = at === '' ? key : `${at}.${key}`;
    return below === undefined ? [path] : listUnknownKeys(value, below, path);
  });
}
