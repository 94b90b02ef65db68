/** The two encodings of OTLP/HTTP. */
export type OtlpFormat = 'protobuf' | 'json';

/** Content type of a format. */
export function findContentType(format: OtlpFormat): string {
  return format === 'json' ? 'application/json' : 'application/x-protobuf';
}

/** What of a request was not kept. */
export type Rejected = { readonly rejected: number; readonly reason: string };
/** The field that counts what was rejected. */
export type RejectedField = 'rejectedSpans' | 'rejectedLogRecords' | 'rejectedDataPoints';

/** An ExportTraceServiceResponse, ExportLogsServiceResponse or ExportMetricsServiceResponse: empty, or a partial success when something was rejected. */
export function formatAnswer(format: OtlpFormat, field: RejectedField, { rejected, reason }: Rejected): Buffer {
  if (format === 'json') {
    const partialSuccess = { [field]: String(rejected), errorMessage: reason };
    return Buffer.from(JSON.stringify(rejected === 0 ? {} : { partialSuccess }));
  }
  if (rejected === 0) return Buffer.alloc(0);
  return writeBytes(1, Buffer.concat([writeVarint(1, rejected), writeBytes(2, Buffer.from(reason))]));
}

/** A google.rpc.Status, as OTLP wants the body of an error (code: https://grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export function formatStatus(format: OtlpFormat, code: number, message: string): Buffer {
  if (format === 'json') return Buffer.from(JSON.stringify({ code, message }));
  return Buffer.concat([writeVarint(1, code), writeBytes(2, Buffer.from(message))]);
}

function writeVarint(field: number, value: number): Buffer {
  return Buffer.from([field << 3, ...toVarint(value)]);
}

function writeBytes(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...toVarint(bytes.length)]), bytes]);
}

function toVarint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}
