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
 */
export function mergeBodies(signal: Signal, batches: readonly Batch[]): Uint8Array {
  const [first] = batches;
  if (first && batches.length === 1) return first.body;
  if (first?.protobuf) return Buffer.concat(batches.map(({ body }) => body));
  const opening = OPENINGS[signal];
  const lists = batches.map(({ body }) => body.subarray(opening.length, body.length - ENDING.length));
  const joined = lists.flatMap((list, index) => (index === 0 ? [list] : [COMMA, list]));
  return Buffer.concat([opening, ...joined, ENDING]);
}

function hasUsualShape(signal: Signal, { body }: Batch): boolean {
  const opening = OPENINGS[signal];
  return (
    body.length > opening.length + ENDING.length &&
    opening.equals(body.subarray(0, opening.length)) &&
    ENDING.equals(body.subarray(body.length - ENDING.length))
  );
}
