import WebSocket, { type RawData } from 'ws';
import { TwilioFault } from '../domain/fault.ts';
import type { MediaSocket, OpenMediaSocket } from '../domain/ports.ts';

/** `mediaBase`: dials this origin (ws://HOST:PORT) instead of the document's; the signature stays over the document's address. */
export type MediaSocketOptions = {
  readonly sign: (url: string, params: Readonly<Record<string, string>>) => string;
  readonly mediaBase?: string;
};

const LONGEST_MESSAGE_BYTES = 16 * 1024 * 1024;
const CLOSE_GRACE_MS = 2000;

/** Dials media streams with `ws`, the upgrade signed as Twilio signs it. */
export function createMediaDialler({ sign, mediaBase }: MediaSocketOptions): OpenMediaSocket {
  return (url, events, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const socket = new WebSocket(mediaBase === undefined ? url : moveOrigin(url, mediaBase), {
        headers: { 'X-Twilio-Signature': sign(url, {}), 'User-Agent': 'Twilio.TmeWs/1.0' },
        perMessageDeflate: false,
        maxPayload: LONGEST_MESSAGE_BYTES,
      });
      const onAbort = () => {
        reject(signal.reason);
        socket.terminate();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      let isOpen = false;
      socket.on('error', (error) => reject(explainFailure(error, url)));
      socket.on('unexpected-response', (request, response) => {
        reject(new TwilioFault(31920, `${url} answered the upgrade with ${response.statusCode}, not 101`));
        request.destroy();
      });
      socket.on('open', () => {
        isOpen = true;
        signal.removeEventListener('abort', onAbort);
        resolve(createHandle(socket));
      });
      socket.on('message', (data, isBinary) => events.onMessage(isBinary ? toBytes(data) : String(data)));
      socket.on('close', (code) => {
        if (isOpen) events.onClose(code);
      });
      return undefined;
    });
}

function createHandle(socket: WebSocket): MediaSocket {
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close() {
      socket.close(1000);
      // A bot that does not answer the close frame must not keep the line open.
      setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref();
    },
    destroy: () => socket.terminate(),
  };
}

function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

function moveOrigin(url: string, base: string): string {
  return `${base.replace(/\/$/, '')}${new URL(url).pathname}`;
}

function explainFailure(error: Error & { code?: string }, url: string): TwilioFault {
  if (error.code === 'ECONNREFUSED') return new TwilioFault(31902, `${url} refused the connection`, error);
  if (error.code === 'ETIMEDOUT') return new TwilioFault(31901, `${url} did not answer`, error);
  const isTls = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(error.code ?? '');
  if (isTls) return new TwilioFault(31910, `TLS with ${url} failed: ${error.code}`, error);
  return new TwilioFault(31920, `${url}: ${error.message}`, error);
}
