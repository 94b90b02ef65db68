/** Fields of a measure outside of telemetry: the lines of the measures file, exports, tags and fields of InfluxDB. */
export const MeasureField = {
  /** The stage (`voice.stage`). */
  operationType: 'operation_type',
  /** The name of its span. */
  operationName: 'operation_name',
  latencyMs: 'latency_ms',
  /** success, error or timeout. */
  status: 'status',
  /** When it ended, ISO 8601 in UTC. */
  timestamp: 'timestamp',
  callSid: 'call_sid',
  streamSid: 'stream_sid',
  provider: 'provider',
  /** The closed kind of the failure; at capture `full` what the error said, through redaction. */
  errorMessage: 'error_message',
  metadata: 'metadata',
  turnIndex: 'turn_index',
  model: 'model',
  errorType: 'error_type',
  traceId: 'trace_id',
  service: 'service',
} as const;

/** The measurement under which measures are written to InfluxDB. */
export const INFLUX_MEASUREMENT = 'voice_stage';
