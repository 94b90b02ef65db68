import { gzipSync } from 'node:zlib';

/** The signals of OTLP. */
export const SIGNALS = ['traces', 'logs', 'metrics'] as const;
export type SignalName = (typeof SIGNALS)[number];

/** What came of one signal. Bytes are those of the bodies of requests, without headers. */
export type Taken = {
  requests: number;
  /** Spans, log records or data points; 0 where bodies are protobuf. */
  items: number;
  rawBytes: number;
  /** Each body compressed by itself, as a sender with compression on would. */
  gzipBytes: number;
  /** Of the largest request: a whole export of metrics. */
  largestRawBytes: number;
  largestGzipBytes: number;
};

const EMPTY: Taken = { requests: 0, items: 0, rawBytes: 0, gzipBytes: 0, largestRawBytes: 0, largestGzipBytes: 0 };

/** Nothing yet. */
export function createTaken(): Record<SignalName, Taken> {
  return { traces: { ...EMPTY }, logs: { ...EMPTY }, metrics: { ...EMPTY } };
}

/** Adds the body of a request. @param items in it, where that is known */
export function addBody(taken: Taken, body: Buffer, items: number): void {
  const gzipBytes = gzipSync(body).length;
  taken.requests += 1;
  taken.items += items;
  taken.rawBytes += body.length;
  taken.gzipBytes += gzipBytes;
  taken.largestRawBytes = Math.max(taken.largestRawBytes, body.length);
  taken.largestGzipBytes = Math.max(taken.largestGzipBytes, gzipBytes);
}
