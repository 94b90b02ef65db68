import { WebSocket } from 'ws';
import { demodulate, modulate } from '../../services/line/modem.ts';
import { decodeMulaw, encodeMulaw, MULAW_SILENCE } from '../../services/line/mulaw.ts';
import type { RunningStandin } from '../../services/openai/start.ts';

/** A server's event, as it came. */
export type ServerEvent = { readonly type: string; readonly [key: string]: unknown };

/** A client of the Realtime API on a plain socket. */
export type RealtimeClient = {
  readonly socket: WebSocket;
  /** Everything that came so far. */
  readonly events: readonly ServerEvent[];
  send(...events: readonly object[]): void;
  /** The next event of that type that was not waited for yet. Rejects when the socket closes first. */
  next(type: string): Promise<ServerEvent>;
  /** Close code and reason. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
};

/** Opens `/v1/realtime?QUERY`; rejects when the handshake is refused. */
export async function connectRealtime(standin: RunningStandin, query: string): Promise<RealtimeClient> {
  const url = `${standin.url.replace('http', 'ws')}/v1/realtime?${query}`;
  const socket = new WebSocket(url, { headers: { authorization: 'Bearer any' } });
  const events: ServerEvent[] = [];
  const wakers = new Set<() => void>();
  const wake = () => {
    for (const waker of wakers) waker();
  };
  let isClosed = false;
  socket.on('message', (data) => {
    events.push(JSON.parse(String(data)));
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      isClosed = true;
      resolve({ code, reason: String(reason) });
      wake();
    });
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.on('error', reject);
  });
  const read = new Map<string, number>();
  const next = (type: string) =>
    new Promise<ServerEvent>((resolve, reject) => {
      const look = () => {
        const from = read.get(type) ?? 0;
        const at = events.findIndex((event, index) => index >= from && event.type === type);
        if (at === -1 && !isClosed) return;
        wakers.delete(look);
        if (at === -1) {
          reject(new Error(`closed before ${type}; got ${events.map((event) => event.type).join(', ')}`));
          return;
        }
        read.set(type, at + 1);
        resolve(events[at] as ServerEvent);
      };
      wakers.add(look);
      look();
    });
  const send = (...given: readonly object[]) => {
    for (const event of given) socket.send(JSON.stringify(event));
  };
  return { socket, events, send, next, closed };
}

/** The caller's voice saying `text`, then silence, as base64 µ-law. */
export function spokenMulaw(text: string, silenceMs = 0): string {
  const silence = Buffer.alloc(silenceMs * 8, MULAW_SILENCE);
  return Buffer.concat([encodeMulaw(modulate(text, { voice: 'caller' })), silence]).toString('base64');
}

/** What the agent's voice says in the µ-law deltas among the events. */
export function heardMulaw(events: readonly ServerEvent[]): string {
  const deltas = events.filter(({ type }) => type === 'response.output_audio.delta');
  const bytes = Buffer.concat(deltas.map(({ delta }) => Buffer.from(String(delta), 'base64')));
  return demodulate(decodeMulaw(bytes), { voice: 'agent' }).text;
}
