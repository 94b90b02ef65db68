import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A client's event, as it came. */
export type ClientEvent = { readonly type: string; readonly [key: string]: unknown };

/** One connection that a client opened. */
export type Heard = {
  readonly socket: WebSocket;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Everything that came so far. */
  readonly events: readonly ClientEvent[];
  /** The next event of that type that was not waited for yet. */
  next(type: string): Promise<ClientEvent>;
  say(...events: readonly object[]): void;
  readonly closed: Promise<number>;
};

/** A server that says what a test tells it to. */
export type ScriptedRealtime = {
  readonly baseUrl: string;
  /** How many connections there were. */
  readonly count: () => number;
  /** The connection of that number, once it is there; its settings are confirmed unless `confirms` says no. */
  connection(index: number): Promise<Heard>;
  close(): Promise<void>;
};

export async function startScriptedRealtime(confirms = true): Promise<ScriptedRealtime> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const connections: PromiseWithResolvers<Heard>[] = [];
  const at = (index: number) => {
    connections[index] ??= Promise.withResolvers();
    return connections[index];
  };
  let count = 0;
  server.on('connection', (socket, { url, headers }) => {
    const heard = listen(socket, { path: url ?? '', headers, confirms });
    at(count).resolve(heard);
    count += 1;
  });
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    count: () => count,
    connection: (index) => at(index).promise,
    async close() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Asked = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly confirms: boolean };

function listen(socket: WebSocket, { path, headers, confirms }: Asked): Heard {
  const events: ClientEvent[] = [];
  const read = new Map<string, number>();
  const wakers = new Set<() => void>();
  const say = (...given: readonly object[]) => {
    for (const event of given) socket.send(JSON.stringify(event));
  };
  socket.on('error', () => undefined);
  socket.on('message', (data) => {
    const event = JSON.parse(String(data)) as ClientEvent;
    events.push(event);
    if (event.type === 'session.update' && confirms) say({ type: 'session.updated', session: event.session });
    for (const wake of [...wakers]) wake();
  });
  return {
    socket,
    path,
    headers,
    events,
    say,
    next: (type) =>
      new Promise((resolve) => {
        const look = () => {
          const index = events.findIndex((event, at) => at >= (read.get(type) ?? 0) && event.type === type);
          if (index === -1) return;
          read.set(type, index + 1);
          wakers.delete(look);
          resolve(events[index] as ClientEvent);
        };
        wakers.add(look);
        look();
      }),
    closed: new Promise((resolve) => socket.on('close', resolve)),
  };
}
