import { once } from 'node:events';
import { ClientGone, type Exchange, waitUntil } from './exchange.ts';

type Data = string | Uint8Array;

/** A part of a streamed answer, or how to make it, and when it is due, milliseconds after the request's arrival. */
export type Piece = { readonly data: Data | (() => Data); readonly atMs: number };

/** How an answer begins. `tokens` count against the rate limit. */
export type Head = { readonly contentType: string; readonly tokens?: number };

const HALF_A_JSON = '{"id":"chatcmpl-';

function writeHead(exchange: Exchange, head: Head): void {
  const { response, standin, startedAt } = exchange;
  const processingMs = Math.max(1, Math.round(standin.clock.now() - startedAt));
  response.writeHead(200, {
    'content-type': head.contentType,
    'openai-processing-ms': String(processingMs),
    ...standin.rateLimits.count(head.tokens ?? 0),
  });
}

/** An event of a stream as the vendor writes it. */
export function formatEvent(event: unknown): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}

/** Sends a complete answer after the exchange's latency; faults `cut-stream` and `bad-json` send half of it. @throws ClientGone */
export async function sendWhole(exchange: Exchange, head: Head, body: string): Promise<void> {
  const { response, fault } = exchange;
  await waitUntil(exchange, exchange.latencyMs);
  const half = body.slice(0, Math.ceil(body.length / 2));
  if (fault?.fault === 'cut-stream') {
    response.setHeader('content-length', Buffer.byteLength(body));
    writeHead(exchange, head);
    response.write(half, () => response.destroy());
    return;
  }
  writeHead(exchange, head);
  response.end(fault?.fault === 'bad-json' ? half : body);
}

async function writePiece(exchange: Exchange, data: Data): Promise<void> {
  const { response, signal } = exchange;
  if (response.write(data)) return;
  // A slow reader holds the stream back instead of filling memory.
  await once(response, 'drain', { signal }).catch(() => {
    throw new ClientGone('the client went away');
  });
}

/** Sends pieces when they are due. `cut-stream` breaks the connection half-way, `bad-json` puts half an object in its place. @throws ClientGone */
export async function sendPieces(exchange: Exchange, head: Head, pieces: readonly Piece[]): Promise<void> {
  const { response, fault } = exchange;
  await waitUntil(exchange, pieces[0]?.atMs ?? exchange.latencyMs);
  if (fault?.fault === 'bad-json' && !head.contentType.startsWith('text/event-stream')) {
    writeHead(exchange, { ...head, contentType: 'application/json' });
    response.end(HALF_A_JSON);
    return;
  }
  writeHead(exchange, head);
  const middle = Math.floor(pieces.length / 2);
  for (const [index, piece] of pieces.entries()) {
    await waitUntil(exchange, piece.atMs);
    if (index === middle && fault?.fault === 'cut-stream') {
      response.write('', () => response.destroy());
      return;
    }
    const isBad = index === middle && fault?.fault === 'bad-json';
    const data = typeof piece.data === 'function' ? piece.data() : piece.data;
    await writePiece(exchange, isBad ? `data: ${HALF_A_JSON}\n\n` : data);
  }
  response.end();
}
