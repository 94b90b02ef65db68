import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ALL_PLANTED, PLANTED } from './planted.ts';

/** A server whose answers are full of planted values. */
export type HostileServer = { readonly url: string; close(): void };

/**
 * Stands between a bot and the stand-in for its models: answers are passed on with planted values as model, id, reason and
 * header; the first request of each path is refused with an error that quotes them.
 */
export async function startHostileProvider(target: string): Promise<HostileServer> {
  const refused = new Set<string>();
  return listen(async (request, response, body) => {
    const path = request.url ?? '';
    if (!refused.has(path)) {
      refused.add(path);
      refuse(response, 500);
      return;
    }
    const answer = await fetch(`${target}${path}`, {
      method: request.method ?? 'GET',
      headers: { 'content-type': request.headers['content-type'] ?? '', authorization: 'Bearer stand-in' },
      body: new Uint8Array(body),
    });
    const type = answer.headers.get('content-type') ?? '';
    response.writeHead(answer.status, { 'content-type': type, ...plantedHeaders() });
    if (type.startsWith('audio') || type.includes('octet')) response.end(Buffer.from(await answer.arrayBuffer()));
    else response.end(plant(await answer.text()));
  });
}

/** A records API that never takes a record: it refuses the first and fails from then on, quoting the record and more. */
export async function startHostileRecords(): Promise<HostileServer> {
  let posts = 0;
  return listen(async (_request, response, body) => {
    posts += 1;
    refuse(response, posts === 1 ? 422 : 500, body.toString('utf8'));
  });
}

function refuse(response: ServerResponse, status: number, more = ''): void {
  const error = { message: `${ALL_PLANTED} ${more}`, type: PLANTED.email, code: PLANTED.name, param: PLANTED.card };
  response.writeHead(status, { 'content-type': 'application/json', ...plantedHeaders() });
  response.end(JSON.stringify({ error }));
}

function plantedHeaders(): Record<string, string> {
  return {
    'x-request-id': `${PLANTED.name} ${PLANTED.compact}`,
    'openai-organization': PLANTED.email,
    'x-caller': ALL_PLANTED.normalize('NFD').replace(/[^\x20-\x7e]/g, ''),
  };
}

function plant(text: string): string {
  return text
    .replace(/"model":\s*"[^"]*"/g, `"model":"${PLANTED.name} ${PLANTED.ipv4}"`)
    .replace(/"(id|system_fingerprint)":\s*"[^"]*"/g, `"$1":"${PLANTED.email}"`)
    .replace(/"finish_reason":\s*"stop"/g, `"finish_reason":"stop ${PLANTED.card}"`);
}

type Answering = (request: IncomingMessage, response: ServerResponse, body: Buffer) => Promise<void>;

async function listen(answer: Answering): Promise<HostileServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      answer(request, response, Buffer.concat(chunks)).catch(() => response.destroy());
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
