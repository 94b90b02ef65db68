import { Agent, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Reply } from './outcome.ts';
import type { Destination } from './protocol.ts';

const compress = promisify(gzip);
/** An answer to an export is short; more is no OTLP. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** One way to a receiver, with a connection that is kept. Never rejects. */
export type Sender = {
  /** Does not look at `body` any more when it resolves. */
  send(body: Uint8Array, protobuf: boolean): Promise<Reply>;
};

/** @param userAgent as the OTLP specification asks for */
export function createSender(destination: Destination, userAgent: string): Sender {
  const { url, headers, timeoutMs, gzip: isGzipped, tls } = destination;
  const isSecure = url.startsWith('https:');
  // TLS takes memory: only for those who need it.
  const https = isSecure ? process.getBuiltinModule('node:https') : undefined;
  const limits = { keepAlive: true, maxSockets: 1 };
  const agent = https ? new https.Agent({ ...limits, ...pemFilesOf(tls) }) : new Agent(limits);
  const request = https ? https.request : requestHttp;
  return {
    async send(body, protobuf) {
      try {
        const data = isGzipped ? await compress(body) : body;
        const options: RequestOptions = {
          method: 'POST',
          agent,
          headers: {
            ...headers,
            'user-agent': userAgent,
            'content-type': protobuf ? 'application/x-protobuf' : 'application/json',
            'content-length': data.length,
            ...(isGzipped ? { 'content-encoding': 'gzip' } : {}),
          },
        };
        return await exchange(() => request(url, options), data, timeoutMs);
      } catch (error) {
        return { failure: String(error) };
      }
    },
  };
}

function pemFilesOf(tls: Destination['tls']): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(tls).map(([name, pem]) => [name, Buffer.from(pem)]));
}

function exchange(start: () => ReturnType<typeof requestHttp>, data: Uint8Array, timeoutMs: number): Promise<Reply> {
  const { promise, resolve } = Promise.withResolvers<Reply>();
  const outgoing = start();
  const deadline = setTimeout(() => {
    resolve({ failure: `no answer within ${timeoutMs} ms` });
    outgoing.destroy();
  }, timeoutMs);
  outgoing.on('response', async (response) => {
    const reply = await readAnswer(response);
    // Answered before all was sent: the rest must not leave, its memory is used again.
    if (!outgoing.writableFinished) outgoing.destroy();
    resolve(reply);
  });
  outgoing.on('error', (error) => resolve({ failure: String(error) }));
  outgoing.end(data);
  return promise.finally(() => clearTimeout(deadline));
}

/** The status decides, even where the connection breaks behind it or the text does not end. */
async function readAnswer(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) break;
    }
  } catch {
    // See above.
  }
  const retryAfter = response.headers['retry-after'];
  return { status: response.statusCode ?? 0, retryAfter, body: Buffer.concat(chunks) };
}
