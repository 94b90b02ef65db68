import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that takes JSON bodies on any path and answers each with `{}`. */
export type JsonSink = { readonly url: string; close(): void };

/** @param onBody told of each body and of the path that it came to */
export async function startJsonSink(onBody: (body: unknown, path: string) => void): Promise<JsonSink> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      onBody(JSON.parse(Buffer.concat(chunks).toString('utf8')), request.url ?? '');
      response.setHeader('content-type', 'application/json');
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
