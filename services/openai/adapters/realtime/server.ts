import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { findModel } from '../../domain/models.ts';
import type { Peer } from '../../domain/realtime/context.ts';
import { openRealtimeSession, type RealtimeSession } from '../../domain/realtime/session.ts';
import { createUnusableModel } from '../../domain/realtime/session-config.ts';
import type { Standin } from '../../domain/standin.ts';
import { answerRefusal, findRefusal, readAsked } from './handshake.ts';

/** The vendor's 15 MiB of audio in one event, and room for the event around it; bytes. */
const MESSAGE_LIMIT = 16_777_216;
/** More than this waiting in the socket means that the client does not read; bytes. */
const BUFFER_LIMIT = 16_777_216;
/** Ends without a close frame: the client sees 1006. */
const BROKEN_OFF = 1_006;

function createPeer(socket: WebSocket): Peer {
  return {
    send(event) {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(JSON.stringify(event));
      if (socket.bufferedAmount > BUFFER_LIMIT) socket.terminate();
    },
    close: (code, reason) => (code === BROKEN_OFF ? socket.terminate() : socket.close(code, reason)),
  };
}

function refuseModel(peer: Peer, model: string | null): void {
  const message = 'You must provide a model parameter.';
  const missing = { type: 'invalid_request_error', code: 'missing_model', message, param: null };
  const body = model === null ? missing : createUnusableModel(model, 'realtime').body;
  peer.send({ type: 'error', event_id: 'event_refused', error: { ...body, event_id: null } });
  peer.close(4_000, `invalid_request_error.${body.code}`);
}

function serveSocket(standin: Standin, socket: WebSocket, request: IncomingMessage): void {
  let session: RealtimeSession | null = null;
  // First of all listeners: a frame over the limit is an error event, and without a listener the process would die of it.
  socket.on('error', () => undefined);
  socket.on('message', (data: RawData) => session?.receive(data.toString()));
  socket.on('close', () => session?.end());
  const peer = createPeer(socket);
  const { model, isTranscription } = readAsked(request);
  if (!isTranscription && !findModel(model, ['realtime'])) refuseModel(peer, model);
  else session = openRealtimeSession(standin, peer, isTranscription ? null : model);
}

/** Serves WebSocket `/v1/realtime` on an HTTP server; `close` breaks off every session. */
export function attachRealtime(server: Server, standin: Standin): { close(): void } {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_LIMIT, perMessageDeflate: false });
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const refusal = findRefusal(standin, request);
    if (refusal) return answerRefusal(standin, socket, refusal);
    sockets.handleUpgrade(request, socket, head, (opened) => serveSocket(standin, opened, request));
  };
  server.on('upgrade', upgrade);
  return {
    close() {
      server.off('upgrade', upgrade);
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}
