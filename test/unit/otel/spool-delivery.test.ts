import { createDelivery } from '../../../otel/src/spool/worker/delivery.ts';
import type { Reply } from '../../../otel/src/spool/worker/outcome.ts';
import type { Storage } from '../../../otel/src/spool/worker/storage.ts';

const { jest } = import.meta;
const body = Buffer.from('{"resourceSpans":[]}');
const record = { items: 1, protobuf: false, traceIds: [], body, end: 1, bytes: 1 };
const parcel = { records: [record], end: 1, signal: 'traces' };
/** Something is always waiting. */
const storage = { next: () => parcel } as unknown as Storage;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Flushes and stores every 100 ms, as the SDK does, against a receiver that needs `answerMs` for `reply`. @returns when it was asked */
async function deliver(reply: Reply, answerMs: number, forMs: number) {
  const startedAtMs = performance.now();
  const askedAtMs: number[] = [];
  const delivery = createDelivery('traces', storage, () => undefined);
  delivery.setSender({
    send() {
      askedAtMs.push(performance.now() - startedAtMs);
      return new Promise((resolve) => {
        setTimeout(() => resolve(reply), answerMs);
      });
    },
  });
  for (let passedMs = 0; passedMs < forMs; passedMs += 100) {
    void delivery.drain(0);
    delivery.wake();
    await jest.advanceTimersByTimeAsync(100);
  }
  return { askedAtMs, delivery };
}

const answer = (status: number, retryAfter?: string): Reply => ({ status, retryAfter, body: Buffer.alloc(0) });

test.each([0, 150, 350])('traffic does not shorten a Retry-After that came after %d ms', async (answerMs) => {
  const { askedAtMs } = await deliver(answer(429, '5'), answerMs, 9000);
  expect(askedAtMs).toHaveLength(2);
  expect((askedAtMs[1] ?? 0) - (askedAtMs[0] ?? 0)).toBeGreaterThanOrEqual(5000 + answerMs);
});

test.each([0, 150, 350])('nor the growing pauses before a receiver that answers 503 after %d ms', async (answerMs) => {
  const { askedAtMs } = await deliver(answer(503), answerMs, 3000);
  expect(askedAtMs.length).toBeLessThanOrEqual(4);
});

test('credentials that are wrong are tried again after half a minute, whatever comes meanwhile', async () => {
  const { askedAtMs } = await deliver(answer(401), 10, 25_000);
  expect(askedAtMs).toHaveLength(1);
});

test('the last attempt of a process is made in a pause too, but not before the time that the receiver asked for', async () => {
  const away = await deliver(answer(503), 0, 500);
  const before = away.askedAtMs.length;
  await Promise.all([away.delivery.drain(100), jest.advanceTimersByTimeAsync(100)]);
  expect(away.askedAtMs.length).toBe(before + 1);
  const asked = await deliver(answer(429, '60'), 0, 500);
  await Promise.all([asked.delivery.drain(100), jest.advanceTimersByTimeAsync(100)]);
  expect(asked.askedAtMs).toHaveLength(1);
});
