import type { RequestHandler, Response } from 'express';
import type { Clock } from '../../../line/clock.ts';
import { ViewerError } from '../../domain/errors.ts';
import type { LiveFeed, SentEvent } from '../../domain/live-feed.ts';

const HEARTBEAT_MS = 15_000;
/** How long (milliseconds) a browser waits before it connects again. */
const RETRY_MS = 1000;
const MAX_STREAMS = 100;
const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' };
/** Who reads slower than this (bytes waiting) is cut off; coming back, the browser is told what it missed. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** `GET /api/v1/live`: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export function createLiveRoute(feed: LiveFeed, clock: Clock): { readonly handle: RequestHandler; close(): void } {
  const streams = new Set<Response>();
  const handle: RequestHandler = (request, response) => {
    if (request.method === 'HEAD') return void response.writeHead(200, HEADERS).end();
    if (streams.size >= MAX_STREAMS) throw new ViewerError('busy', `${MAX_STREAMS} live streams are open already`);
    const lastId = parseLastId(request.get('last-event-id'));
    response.writeHead(200, HEADERS);
    // A browser that loses the stream before its first event comes back with this number, and misses nothing.
    const begin = lastId === undefined ? `id: ${feed.lastId()}\n` : '';
    response.write(`retry: ${RETRY_MS}\n${begin}\n`);
    streams.add(response);
    const stopFeed = feed.subscribe(lastId, (events) => write(response, events.map(formatEvent).join('')));
    const stopHeart = keepBeating(response, clock);
    response.once('close', () => {
      streams.delete(response);
      stopFeed();
      stopHeart();
    });
  };
  return {
    handle,
    close() {
      for (const response of streams) response.end();
    },
  };
}

// What cannot be a number of ours counts as too old: the stream begins with `resync`.
function parseLastId(header: string | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  return /^\d{1,16}$/.test(header) ? Number(header) : -1;
}

function formatEvent({ id, event, json }: SentEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${json}\n\n`;
}

function write(response: Response, text: string): void {
  if (text === '' || response.destroyed) return;
  if (response.writableLength > MAX_WAITING_BYTES) response.destroy();
  else response.write(text);
}

function keepBeating(response: Response, clock: Clock): () => void {
  let cancel = () => {};
  const beat = () => {
    write(response, ': still here\n\n');
    cancel = clock.after(HEARTBEAT_MS, beat, { unref: true });
  };
  cancel = clock.after(HEARTBEAT_MS, beat, { unref: true });
  return () => cancel();
}
