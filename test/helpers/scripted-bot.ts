import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';
import { type WebSocket, WebSocketServer } from 'ws';
import { demodulate, modulate } from '../../services/line/modem.ts';
import { decodeMulaw, encodeMulaw } from '../../services/line/mulaw.ts';

/** A request that the bot got. */
export type BotRequest = { path: string; method: string; headers: IncomingMessage['headers']; form: URLSearchParams };

/** One media stream as the bot sees it. */
export type BotStream = {
  headers: IncomingMessage['headers'];
  url: string;
  /** All messages but media, as they came. */
  messages: Record<string, unknown>[];
  media: { sequenceNumber: string; media: { chunk: string; timestamp: string; payload: string; track: string } }[];
  /** What the caller said, demodulated. */
  heard: string[];
  send(message: object | string | Buffer): void;
  say(text: string, mark?: string): void;
  close(code?: number): void;
};

/** `replies`: what the bot says first, then after each utterance of the caller; after the last it closes. */
export type ScriptedBotOptions = {
  replies?: readonly string[];
  /** Answers the webhook in place of the usual `<Connect><Stream>`. */
  answer?: (
    request: BotRequest,
    bot: { url: string; mediaUrl: string },
  ) => { status?: number; type?: string; body: string };
  /** Status of the upgrade; 101 lets it through. */
  upgradeStatus?: number;
  onStream?: (stream: BotStream) => void;
  onMessage?: (message: Record<string, unknown>, stream: BotStream) => void;
};

const END_SILENCE_FRAMES = 20;

/** A small bot that speaks and hears the modem, to call from tests. */
export async function startScriptedBot(options: ScriptedBotOptions = {}) {
  const requests: BotRequest[] = [];
  const streams: BotStream[] = [];
  const waiting: { isTrue: () => boolean; resolve: () => void }[] = [];
  const notice = () => {
    for (const one of [...waiting])
      if (one.isTrue()) {
        waiting.splice(waiting.indexOf(one), 1);
        one.resolve();
      }
  };
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { headers, method = '', url: path = '' } = request;
    const got = { path, method, headers, form: new URLSearchParams(Buffer.concat(chunks).toString()) };
    requests.push(got);
    notice();
    if (path.startsWith('/status') || path.startsWith('/stream-status')) return response.writeHead(204).end();
    const answer = options.answer?.(got, bot) ?? { body: connectTwiml(bot.mediaUrl) };
    return response.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'text/xml' }).end(answer.body);
  });
  const sockets = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    if (options.upgradeStatus !== undefined && options.upgradeStatus !== 101) {
      socket.end(`HTTP/1.1 ${options.upgradeStatus} No\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      streams.push(serve(ws, request, options, notice));
      const stream = streams.at(-1);
      if (stream) options.onStream?.(stream);
    });
  });
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  const { port } = http.address() as AddressInfo;
  const bot = {
    url: `http://127.0.0.1:${port}`,
    mediaUrl: `ws://127.0.0.1:${port}/media`,
    requests,
    streams,
    /** Resolves as soon as it holds after something came in. */
    until: (isTrue: () => boolean) =>
      new Promise<void>((resolve) => {
        waiting.push({ isTrue, resolve });
        notice();
      }),
    async close() {
      for (const client of sockets.clients) client.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => {
        http.close(resolve);
      });
    },
  };
  return bot;
}

/** TwiML of a bot as it should be. */
export function connectTwiml(mediaUrl: string, parameters: Record<string, string> = {}): string {
  const response = new VoiceResponse();
  const stream = response.connect().stream({ url: mediaUrl });
  for (const [name, value] of Object.entries(parameters)) stream.parameter({ name, value });
  response.hangup();
  return response.toString();
}

function serve(ws: WebSocket, request: IncomingMessage, options: ScriptedBotOptions, notice: () => void): BotStream {
  const replies = [...(options.replies ?? [])];
  let streamSid = '';
  let speech: Uint8Array[] = [];
  let silentFrames = 0;
  let isLast = false;
  const stream: BotStream = {
    headers: request.headers,
    url: request.url ?? '',
    messages: [],
    media: [],
    heard: [],
    send: (message) =>
      ws.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message)),
    say(text, mark = 'said') {
      const payload = Buffer.from(encodeMulaw(modulate(text, { voice: 'agent' }))).toString('base64');
      stream.send({ event: 'media', streamSid, media: { payload } });
      stream.send({ event: 'mark', streamSid, mark: { name: mark } });
    },
    close: (code = 1000) => ws.close(code),
  };
  const reply = () => {
    const text = replies.shift();
    isLast = replies.length === 0;
    if (text !== undefined) stream.say(text);
  };
  const hear = (payload: string) => {
    const frame = Buffer.from(payload, 'base64');
    const isSilent = frame.every((byte) => byte === 0xff);
    if (!isSilent) speech.push(frame);
    silentFrames = isSilent ? silentFrames + 1 : 0;
    if (speech.length === 0 || silentFrames < END_SILENCE_FRAMES) return;
    stream.heard.push(demodulate(decodeMulaw(Buffer.concat(speech)), { voice: 'caller' }).text);
    speech = [];
    reply();
  };
  ws.on('error', () => undefined);
  ws.on('close', notice);
  ws.on('message', (data) => {
    const message = JSON.parse(String(data));
    if (message.event === 'media') {
      stream.media.push(message);
      hear(message.media.payload);
    } else stream.messages.push(message);
    if (message.event === 'start') {
      streamSid = message.streamSid;
      if (options.replies) reply();
    }
    if (message.event === 'mark' && isLast && options.replies) ws.close(1000);
    options.onMessage?.(message, stream);
    notice();
  });
  return stream;
}
