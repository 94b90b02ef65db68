import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { unpackBody } from './request-body.ts';

const UNTIL_MS = 45_000;

/** How the receiver answers the next requests. */
export type SinkMode =
  | { readonly kind: 'ok' }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: () => string }
  | { readonly kind: 'hang' }
  /** Takes all and says that it rejected so many. */
  | { readonly kind: 'partial'; readonly rejected: number }
  /** Takes all and cuts the connection instead of answering. */
  | { readonly kind: 'cut' }
  /** Answers 400 to requests that hold this text. */
  | { readonly kind: 'refuse'; readonly text: string };

/** A request as it came. */
export type SinkRequest = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly atMs: number;
  readonly status: number | undefined;
};

/** A receiver that fails as it is told. */
export type FaultSink = {
  readonly url: string;
  readonly port: number;
  readonly requests: SinkRequest[];
  /** Span ids of the requests that it took, once each. */
  readonly spanIds: Set<string>;
  mode: SinkMode;
  /**
   * Waits until `isReached` says so, looking after each request.
   * @param withinMs milliseconds, less than a test may last: @throws Error that says what has come until then
   */
  until(isReached: () => boolean, withinMs?: number): Promise<void>;
  close(): Promise<void>;
};

/** @param port of an earlier one, to come back at the same place; 0: any */
export async function startFaultSink(port = 0, mode: SinkMode = { kind: 'ok' }): Promise<FaultSink> {
  const watchers = new Set<() => void>();
  const server = createServer((request, response) => void receive(request, response));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: opened } = server.address() as AddressInfo;
  const sink: FaultSink = {
    url: `http://127.0.0.1:${opened}`,
    port: opened,
    requests: [],
    spanIds: new Set(),
    mode,
    until(isReached, withinMs = UNTIL_MS) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const tooLate = setTimeout(() => {
        watchers.delete(look);
        reject(new Error(`not reached within ${withinMs} ms: ${whatCame(sink)}`));
      }, withinMs);
      const look = () => {
        if (!isReached()) return;
        watchers.delete(look);
        clearTimeout(tooLate);
        resolve();
      };
      watchers.add(look);
      look();
      return promise;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const sent = Buffer.concat(chunks);
    const body = unpackBody(request, sent).toString();
    const status = answer(sink.mode, body, response);
    if (status === undefined || status <= 299) {
      for (const id of spanIdsOf(body)) if (sink.mode.kind !== 'hang') sink.spanIds.add(id);
    }
    sink.requests.push({ path: request.url ?? '', headers: request.headers, body, atMs: Date.now(), status });
    for (const look of watchers) look();
  };
  return sink;
}

/** The ids of the spans in an export as JSON. */
export function spanIdsOf(body: string): string[] {
  return [...body.matchAll(/"spanId":"(\w+)"/g)].map(([, id = '']) => id);
}

function whatCame({ requests, spanIds }: FaultSink): string {
  const counts = new Map<string, number>();
  for (const { path, status } of requests) {
    const kind = `${path} ${status ?? 'unanswered'}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const told = [...counts].map(([kind, count]) => `${count} x ${kind}`).join(', ');
  return `${requests.length} requests came (${told}) with ${spanIds.size} spans`;
}

/** @returns the status, or undefined when there is none */
function answer(mode: SinkMode, body: string, response: ServerResponse): number | undefined {
  if (mode.kind === 'hang') return undefined;
  if (mode.kind === 'cut') {
    response.socket?.destroy();
    return undefined;
  }
  response.setHeader('content-type', 'application/json');
  if (mode.kind === 'status') {
    if (mode.retryAfter !== undefined) response.setHeader('retry-after', mode.retryAfter());
    response.writeHead(mode.status).end('{"message":"no"}');
    return mode.status;
  }
  if (mode.kind === 'refuse' && body.includes(mode.text)) {
    response.writeHead(400).end('{"message":"bad"}');
    return 400;
  }
  const rejected = { partialSuccess: { rejectedSpans: String(mode.kind === 'partial' ? mode.rejected : 0) } };
  response.end(mode.kind === 'partial' ? JSON.stringify(rejected) : '{}');
  return 200;
}
