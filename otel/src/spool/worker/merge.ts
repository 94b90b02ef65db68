import type { Batch, Signal } from './protocol.ts';

const OPENINGS = {
  traces: Buffer.from('{"resourceSpans":['),
  logs: Buffer.from('{"resourceLogs":['),
  metrics: Buffer.from('{"resourceMetrics":['),
} as const satisfies Record<Signal, Buffer>;
const ENDING = Buffer.from(']}');
const COMMA = Buffer.from(',');

/** How many of the batches, from the first on, can go in one request: all in one format, and of the usual shape. */
export function mergeableCount(signal: Signal, batches: readonly Batch[]): number {
  const { protobuf } = batches[0] ?? { protobuf: false };
  const odd = batches.findIndex((batch) => batch.protobuf !== protobuf || !(protobuf || hasUsualShape(signal, batch)));
  return odd < 0 ? batches.length : Math.max(odd, 1);
}

/**
 * One OTLP request of several: protobuf messages of which only repeated fields are set are merged by putting them one
 * behind the other (protocol buffers, "Last One Wins"), JSON by joining the lists.
 * @param scratch written into where the request fits: it is good until the next one is made
 */
export function mergeBodies(signal: Signal, batches: readonly Batch[], scratch?: Buffer): Uint8Array {
  const [first] = batches;
  if (first && batches.length === 1) return first.body;
  const parts = first?.protobuf ? batches.map(({ body }) => body) : listParts(OPENINGS[signal], batches);
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  const merged = scratch && bytes <= scratch.length ? scratch.subarray(0, bytes) : Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const part of parts) {
    merged.set(part, at);
    at += part.length;
  }
  return merged;
}

function listParts(opening: Buffer, batches: readonly Batch[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (const { body } of batches) {
    parts.push(parts.length === 0 ? opening : COMMA, body.subarray(opening.length, body.length - ENDING.length));
  }
  parts.push(ENDING);
  return parts;
}

function hasUsualShape(signal: Signal, { body }: Batch): boolean {
  const opening = OPENINGS[signal];
  return (
    body.length > opening.length + ENDING.length &&
    opening.equals(body.subarray(0, opening.length)) &&
    ENDING.equals(body.subarray(body.length - ENDING.length))
  );
}
