import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { createWatch } from '../../../services/bot/domain/watch.ts';
import { createClock } from '../../../services/line/clock.ts';

const LIMIT_MS = 40;

let near: Socket;
let far: Socket;
beforeEach(async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  [far] = (await accepted) as [Socket];
  server.close();
});
afterEach(() => {
  near.destroy();
  far.destroy();
});

/** The process does not come to its event loop for twice the limit. */
function pause(): void {
  const untilMs = performance.now() + 2 * LIMIT_MS;
  while (performance.now() < untilMs);
}

const isLate = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watch = createWatch(createClock(), LIMIT_MS, resolve);
  return { watch, promise };
};

test('what came while the process was paused is read before anything is late', async () => {
  const events: string[] = [];
  const { watch, promise } = isLate();
  near.on('data', () => {
    events.push('read');
    watch.restart();
  });
  watch.restart();
  far.write('frame');
  pause();
  await promise.then(() => events.push('late'));
  expect(events).toEqual(['read', 'late']);
});

test('what is late is told, also after a pause', async () => {
  const { watch, promise } = isLate();
  watch.restart();
  pause();
  await promise;
});

test('a watch that is cancelled is never late, not even when its time has come', async () => {
  const events: string[] = [];
  const watch = createWatch(createClock(), 0, () => events.push('late'));
  watch.restart();
  const { promise, resolve } = Promise.withResolvers<void>();
  // Runs behind the timer of the watch, and before its turn.
  setTimeout(() => {
    watch.cancel();
    setImmediate(resolve);
  }, 1);
  pause();
  await promise;
  expect(events).toEqual([]);
});
