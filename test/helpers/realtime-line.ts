import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import {
  type Callspan,
  type CallTrace,
  createCallspan,
  type RealtimeOptions,
  traceRealtimeSocket,
} from '../../otel/src/index.ts';
import { type SpanRecorder, startSpanRecorder } from './recorded-spans.ts';

/** A traced client socket and the provider's end of it. */
export type Line = {
  readonly client: WebSocket;
  readonly server: WebSocket;
  /** Everything that reached the provider, as text. */
  readonly heard: string[];
  send(event: object): void;
  /** Lets the provider say `events`, one after the other, and waits until the client has them. */
  say(...events: object[]): Promise<void>;
};

/** A provider that says what a test tells it to, and a call whose sockets are traced. */
export type RealtimeStage = {
  readonly recorder: SpanRecorder;
  readonly callspan: Callspan;
  readonly call: CallTrace;
  readonly url: string;
  connect(options?: Partial<RealtimeOptions>, query?: string): Promise<Line>;
  close(): Promise<void>;
};

export async function openRealtimeStage(): Promise<RealtimeStage> {
  const recorder = startSpanRecorder();
  const callspan = createCallspan({ tracer: recorder.tracer });
  const call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
  const provider = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(provider, 'listening');
  const url = `ws://127.0.0.1:${(provider.address() as AddressInfo).port}/v1/realtime`;
  return {
    recorder,
    callspan,
    call,
    url,
    async connect(options = {}, query = '') {
      const client = new WebSocket(`${url}${query}`);
      const [[server]] = (await Promise.all([once(provider, 'connection'), once(client, 'open')])) as [
        [WebSocket],
        unknown,
      ];
      traceRealtimeSocket(callspan, call, client, { provider: 'openai', ...options });
      return createLine(client, server);
    },
    async close() {
      for (const socket of provider.clients) socket.terminate();
      await new Promise((resolve) => provider.close(resolve));
      await recorder.close();
    },
  };
}

function createLine(client: WebSocket, server: WebSocket): Line {
  const heard: string[] = [];
  server.on('message', (data) => heard.push(String(data)));
  return {
    client,
    server,
    heard,
    send: (event) => client.send(JSON.stringify(event)),
    async say(...events) {
      for (const event of events) {
        const arrived = once(client, 'message');
        server.send(JSON.stringify(event));
        await arrived;
      }
    },
  };
}
