import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { unpackBody } from './request-body.ts';

/** What a process sent, by path, as text. */
export type RawReceiver = {
  readonly url: string;
  /** Bodies of a path, such as `/v1/traces`. */
  bodies(path: string): string[];
  everything(): string;
  close(): void;
};

/** A receiver that keeps bodies as they are. What goes to `busy` paths is answered 503, so that it has to wait somewhere. */
export async function startRawReceiver(busy?: RegExp): Promise<RawReceiver> {
  const kept: { readonly path: string; readonly text: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const path = request.url ?? '';
      const headers = JSON.stringify(request.headers);
      const text = unpackBody(request, body).toString('utf8');
      kept.push({ path, text: `${path} ${headers}\n${text}` });
      response.writeHead(busy?.test(path) ? 503 : 200, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies: (path) => kept.filter((item) => item.path === path).map((item) => item.text),
    everything: () => kept.map((item) => item.text).join('\n'),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
