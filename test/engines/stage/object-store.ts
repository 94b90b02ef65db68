import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A store of objects that speaks as much of S3 as an engine needs; whoever asks is let in. */
export type ObjectStore = {
  /** `host:port`, plain HTTP, bucket in the path. */
  readonly endpoint: string;
  /** `BUCKET/KEY` of all there is. */
  keys(): readonly string[];
  close(): void;
};

/** Starts an empty store on loopback. */
export async function startObjectStore(): Promise<ObjectStore> {
  const objects = new Map<string, Buffer>();
  const server = createServer((request, response) => void answer(objects, request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys: () => [...objects.keys()].sort(),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(objects: Map<string, Buffer>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://store');
  const name = decodeURIComponent(url.pathname.slice(1));
  const body = unwrap(request, await buffer(request));
  if (request.method === 'PUT') {
    objects.set(name, body);
    return void response.writeHead(200, { etag: '"one"' }).end();
  }
  if (request.method === 'DELETE') {
    objects.delete(name);
    return void response.writeHead(204).end();
  }
  if (url.searchParams.has('list-type')) {
    return void response
      .writeHead(200, { 'content-type': 'application/xml' })
      .end(list(objects, name, url.searchParams));
  }
  const found = objects.get(name);
  if (!found) {
    const missing = '<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>';
    return void response
      .writeHead(404, { 'content-type': 'application/xml' })
      .end(request.method === 'HEAD' ? '' : missing);
  }
  response.writeHead(200, { 'content-length': found.length, etag: '"one"', 'last-modified': new Date().toUTCString() });
  response.end(request.method === 'HEAD' ? undefined : found);
}

/** A body as it was before it was cut into signed pieces: `SIZE;chunk-signature=...`, the piece, and so on. */
function unwrap({ headers }: IncomingMessage, sent: Buffer): Buffer {
  if (!`${headers['x-amz-content-sha256']}`.startsWith('STREAMING')) return sent;
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = sent.indexOf('\r\n', at);
    const size = Number.parseInt(sent.subarray(at, end).toString(), 16);
    if (!(size > 0)) return Buffer.concat(pieces);
    pieces.push(sent.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

/** ListObjectsV2: all at once, keys below a delimiter as their common beginning. */
function list(objects: ReadonlyMap<string, Buffer>, bucketPath: string, asked: URLSearchParams): string {
  const bucket = bucketPath.replace(/\/$/, '');
  const prefix = asked.get('prefix') ?? '';
  const delimiter = asked.get('delimiter') ?? '';
  const folders = new Set<string>();
  const contents: string[] = [];
  for (const [name, { length }] of objects) {
    const key = name.slice(bucket.length + 1);
    if (!name.startsWith(`${bucket}/`) || !key.startsWith(prefix)) continue;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (cut >= 0) folders.add(key.slice(0, cut + 1));
    else {
      const at = new Date().toISOString();
      contents.push(`<Contents><Key>${key}</Key><LastModified>${at}</LastModified><Size>${length}</Size></Contents>`);
    }
  }
  const common = [...folders].map((folder) => `<CommonPrefixes><Prefix>${folder}</Prefix></CommonPrefixes>`);
  const parts = [...contents, ...common].join('');
  return `<ListBucketResult><Name>${bucket}</Name><Prefix>${prefix}</Prefix><IsTruncated>false</IsTruncated>${parts}</ListBucketResult>`;
}
