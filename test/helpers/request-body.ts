import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** The body of a request as it was before the sender packed it. */
export function unpackBody({ headers }: Pick<IncomingMessage, 'headers'>, sent: Buffer): Buffer {
  return headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
}
