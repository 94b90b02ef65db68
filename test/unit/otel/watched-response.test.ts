import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { watchResponse } from '../../../otel/src/model/watched-response.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** A response of two chunks (`one`, `two`), watched; what was told of it, in order. */
function watched(source: UnderlyingDefaultSource<Uint8Array> = twoChunks()) {
  const response = new Response(new ReadableStream(source, { highWaterMark: 0 }), { headers: { 'x-one': '1' } });
  return { response, told: watch(response) };
}

function watch(response: Response): string[] {
  const told: string[] = [];
  watchResponse(response, {
    chunk: (bytes) => told.push(Buffer.from(bytes).toString()),
    read: () => told.push('read'),
    cancelled: () => told.push('cancelled'),
    failed: (error) => told.push(`failed: ${(error as Error).message}`),
  });
  return told;
}

function twoChunks(): UnderlyingDefaultSource<Uint8Array> {
  const chunks = ['one', 'two'];
  return {
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk) controller.enqueue(new Uint8Array(Buffer.from(chunk)));
      else controller.close();
    },
  };
}

const broken = (): UnderlyingDefaultSource<Uint8Array> => ({ pull: () => Promise.reject(new Error('terminated')) });
const drain = (stream: ReadableStream<Uint8Array>) => new Response(stream).text();

test('the body that the consumer gets is the one that was fetched, not a copy', () => {
  const response = new Response('text');
  const { body } = response;
  watch(response);
  expect(response.body).toBe(body);
  expect(Object.keys(body!)).toEqual([]);
});

test.each([
  ['text()', async (response: Response) => response.text()],
  ['arrayBuffer()', async (response: Response) => Buffer.from(await response.arrayBuffer()).toString()],
  ['blob()', async (response: Response) => (await response.blob()).text()],
  ['another Response', async (response: Response) => drain(response.body!)],
  [
    'for await',
    async ({ body }: Response) => {
      const parts: Uint8Array[] = [];
      for await (const part of body!) parts.push(part);
      return Buffer.concat(parts).toString();
    },
  ],
  [
    'a reader',
    async ({ body }: Response) => {
      const reader = body!.getReader();
      let text = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return text;
        text += Buffer.from(value).toString();
      }
    },
  ],
  ['pipeThrough', async ({ body }: Response) => drain(body!.pipeThrough(new TransformStream()))],
  [
    'pipeTo',
    async ({ body }: Response) => {
      const parts: Uint8Array[] = [];
      await body!.pipeTo(new WritableStream({ write: (part) => void parts.push(part) }));
      return Buffer.concat(parts).toString();
    },
  ],
  ['one branch of tee()', async ({ body }: Response) => drain(body!.tee()[0])],
  ['a clone', async (response: Response) => response.clone().text()],
])('what is read by %s is told: each chunk and the end, once', async (_how, read) => {
  const { response, told } = watched();
  expect(await read(response)).toBe('onetwo');
  expect(told).toEqual(['one', 'two', 'read']);
});

test.each([
  ['text()', (response: Response) => response.text()],
  ['a reader', (response: Response) => response.body!.getReader().read()],
  ['for await', (response: Response) => response.body!.values().next()],
  ['pipeTo', (response: Response) => response.body!.pipeTo(new WritableStream())],
])('a failure that is met by %s is told once and reaches the consumer', async (_how, read) => {
  const { response, told } = watched(broken());
  await expect(read(response)).rejects.toThrow('terminated');
  expect(told).toEqual(['failed: terminated']);
});

test.each([
  ['the body', async (response: Response) => response.body!.cancel('enough')],
  ['its reader', async (response: Response) => response.body!.getReader().cancel('enough')],
  ['its iterator', async (response: Response) => response.body!.values().return?.('enough' as never)],
  ['a pipe', async (response: Response) => response.body!.pipeThrough(new TransformStream()).cancel('enough')],
])('a stop by %s is told, and the source hears why', async (_how, stop) => {
  let reason: unknown;
  const { response, told } = watched({
    cancel(why) {
      reason = why;
    },
  });
  await stop(response);
  expect([told, reason]).toEqual([['cancelled'], 'enough']);
});

test('leaving a loop stops the body; leaving it with preventCancel leaves it to be read on', async () => {
  const left = watched();
  for await (const _ of left.response.body!) break;
  expect(left.told).toEqual(['one', 'cancelled']);
  const kept = watched();
  for await (const _ of kept.response.body!.values({ preventCancel: true })) break;
  for await (const _ of kept.response.body!);
  expect(kept.told).toEqual(['one', 'two', 'read']);
});

test('a reader that lets go fails what it asked for, not the body', async () => {
  const asked = Promise.withResolvers<void>();
  const late = Promise.withResolvers<void>();
  const { response, told } = watched({
    async pull(controller) {
      asked.resolve();
      await late.promise;
      controller.enqueue(new Uint8Array(Buffer.from('late')));
      controller.close();
    },
  });
  const first = response.body!.getReader();
  const given = first.read();
  await asked.promise;
  first.releaseLock();
  await expect(given).rejects.toThrow('Releasing reader');
  await expect(first.cancel()).rejects.toThrow('not attached');
  expect(told).toEqual([]);
  late.resolve();
  expect(await response.body!.getReader().read()).toMatchObject({ done: false });
  expect(told).toEqual(['late']);
});

test('a body that is being read refuses as it would unwatched', async () => {
  const { response, told } = watched();
  response.body!.getReader();
  expect(() => response.body!.getReader()).toThrow(/locked|read|unusable/i);
  expect(() => response.body!.tee()).toThrow(/locked|read|unusable/i);
  expect(() => response.clone()).toThrow(/locked|read|unusable/i);
  await expect(response.body!.pipeTo(new WritableStream())).rejects.toThrow(/locked|read|unusable/i);
  await expect(response.body!.cancel()).rejects.toThrow(/locked|read|unusable/i);
  await expect(response.text()).rejects.toThrow(/locked|read|unusable/i);
  expect(told).toEqual([]);
});

test('a body of no bytes refuses a reader with a buffer of its own, and can be read on', async () => {
  const { response, told } = watched();
  expect(() => response.body!.getReader({ mode: 'byob' })).toThrow('byte stream');
  expect(await response.text()).toBe('onetwo');
  expect(told).toEqual(['one', 'two', 'read']);
});

test('two can watch one body', async () => {
  const { response, told } = watched();
  const others = watch(response);
  const [one, other] = response.body!.tee();
  expect(await Promise.all([drain(one), drain(other)])).toEqual(['onetwo', 'onetwo']);
  expect([told, others]).toEqual([
    ['one', 'two', 'read'],
    ['one', 'two', 'read'],
  ]);
});

test('a watcher that fails costs the watching, never the body', async () => {
  const { response } = watched();
  const fail = () => {
    throw new Error('watcher');
  };
  watchResponse(response, { chunk: fail, read: fail, cancelled: fail, failed: fail });
  expect(await response.text()).toBe('onetwo');
});

test('a response that was dropped unread is told as cancelled when it is collected', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  server = createServer((_request, response) => response.end('x'.repeat(10_000))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let told: readonly string[] = [];
  await (async () => {
    told = watch(await fetch(`http://127.0.0.1:${port}/`));
  })();
  for (let round = 0; round < 100 && told.length === 0; round += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(told).toEqual(['cancelled']);
});
