import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { keepCalling } from '../../../services/caller/keep-calling.ts';

test('calls are placed at the rate asked for, one script after the other, also after one that was refused', async () => {
  const scripts: string[] = [];
  const enough = Promise.withResolvers<void>();
  const line = createServer(async (request, response) => {
    const { script } = (await json(request)) as { script: string };
    response.writeHead(scripts.push(script) === 1 ? 500 : 202).end('{}');
    if (scripts.length === 3) enough.resolve();
  }).listen(0, '127.0.0.1');
  await once(line, 'listening');
  const stop = keepCalling(`http://127.0.0.1:${(line.address() as AddressInfo).port}`, 600);
  await enough.promise;
  stop();
  expect(scripts.slice(0, 3)).toEqual(['appointment-fr', 'appointment-en', 'interrupts']);
  line.closeAllConnections();
  line.close();
});
