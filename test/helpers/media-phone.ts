import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import WebSocket, { WebSocketServer } from 'ws';

const VOICED = Buffer.alloc(160, 0x90).toString('base64');
const SILENT = Buffer.alloc(160, 0xff).toString('base64');

/** The server of ws 7, which gives a message as one argument: text as a string. */
export const { Server: WebSocketServer7 } = createRequire(import.meta.url)('ws-v7') as {
  readonly Server: typeof WebSocketServer;
};

/** A media stream over a real socket: `bot` is the bot's end; the telephone's end does what it is told. */
export async function openPhone(Server: typeof WebSocketServer = WebSocketServer) {
  const server = new Server({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const connected = once(server, 'connection');
  const phone = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [bot] = (await connected) as [WebSocket];
  await once(phone, 'open').catch(() => undefined);
  const received: string[] = [];
  const arrived = new EventTarget();
  phone.on('message', (data) => {
    received.push(String(data));
    arrived.dispatchEvent(new Event('message'));
  });
  let sequence = 1;
  let frame = 0;
  const send = (event: string, body: object) => {
    sequence += 1;
    phone.send(JSON.stringify({ event, sequenceNumber: `${sequence}`, streamSid: 'MZ1', ...body }));
  };
  return {
    bot,
    phone,
    /** Every message of the bot so far, as text. */
    received,
    /** Messages of the bot, parsed. */
    messages: () => received.map((text) => JSON.parse(text) as { event: string; mark?: { name: string } }),
    /** Resolves when the bot has sent so many messages. */
    async got(count: number): Promise<void> {
      while (received.length < count) await once(arrived as never, 'message');
    },
    /** Resolves when the bot has sent so many bytes of audio, and what follows them at once. */
    async gotAudio(bytes: number): Promise<void> {
      const sum = () =>
        received.reduce((total, text) => {
          const { media } = JSON.parse(text) as { media?: { payload: string } };
          return total + (media ? Buffer.from(media.payload, 'base64').length : 0);
        }, 0);
      while (sum() < bytes) await once(arrived as never, 'message');
    },
    /** The caller's side of the line, so long; all at once. */
    hear(durationMs: number, isVoiced: boolean): void {
      for (const end = frame + durationMs / 20; frame < end; frame += 1) {
        const media = { track: 'inbound', chunk: `${frame + 1}`, timestamp: `${frame * 20}` };
        send('media', { media: { ...media, payload: isVoiced ? VOICED : SILENT } });
      }
    },
    mark: (name: string) => send('mark', { mark: { name } }),
    send,
    raw: (data: string | Buffer) => phone.send(data),
    /** Resolves when the bot's end has got everything that was sent so far. */
    async settle(): Promise<void> {
      phone.ping();
      await once(phone, 'pong');
    },
    async close(): Promise<void> {
      phone.terminate();
      bot.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

export type Phone = Awaited<ReturnType<typeof openPhone>>;

/** The bot's message that sends audio. */
export function mediaText(audio: Buffer): string {
  return JSON.stringify({ event: 'media', media: { payload: audio.toString('base64') }, streamSid: 'MZ1' });
}
