import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SignatureCheck } from './signature.ts';

const MAX_PAYLOAD_BYTES = 65_536;
const MAX_STREAMS = 512;

/** Takes WebSocket upgrades on `path`, if they carry Twilio's signature; everything else is refused with a plain HTTP answer. */
export function acceptMediaUpgrades(options: {
  readonly server: Server;
  readonly path: string;
  readonly signatures: SignatureCheck;
  readonly onSocket: (socket: WebSocket) => void;
  readonly onRefused: (reason: string) => void;
  /** True while the bot is stopping: no new stream then. */
  readonly draining: () => boolean;
}): WebSocketServer {
  const { server, path, signatures, onSocket, onRefused, draining } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node has taken its own listener away: without this one a reset connection would end the process.
    socket.on('error', () => socket.destroy());
    const refusal = refusalOf(request, { path, signatures, open: sockets.clients.size, draining: draining() });
    if (refusal) {
      onRefused(refusal.reason);
      const answer = `HTTP/1.1 ${refusal.status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
      // The end closes one half only: a stranger who keeps the other open would hold a descriptor for ever.
      socket.end(answer, () => socket.destroy());
      return;
    }
    sockets.handleUpgrade(request, socket, head, onSocket);
  });
  return sockets;
}

type Door = {
  readonly path: string;
  readonly signatures: SignatureCheck;
  readonly open: number;
  readonly draining: boolean;
};

function refusalOf(
  request: IncomingMessage,
  { path, signatures, open, draining }: Door,
): { status: string; reason: string } | undefined {
  const target = request.url ?? '';
  // Twilio drops the query of a stream's URL: one that comes with a query is not Twilio's.
  if (target !== path && target !== `${path}/`) return { status: '404 Not Found', reason: 'wrong_path' };
  const signature = request.headers['x-twilio-signature'];
  if (!signatures.upgrade(typeof signature === 'string' ? signature : undefined, path)) {
    return { status: '403 Forbidden', reason: 'signature' };
  }
  if (draining) return { status: '503 Service Unavailable', reason: 'stopping' };
  if (open >= MAX_STREAMS) return { status: '503 Service Unavailable', reason: 'too_many_streams' };
  return undefined;
}
