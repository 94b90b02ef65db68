import {
  createDeliverer,
  type PostRecord,
  type PostResult,
  type WaitingRecord,
  type WaitingRecords,
} from '../../../services/bot/domain/delivery.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';

/** @param ownPost answers in place of `answers` */
function createOutbox(answers: PostResult[], ownPost?: PostRecord) {
  const clock = createFakeClock();
  const rows = new Map<string, WaitingRecord & { nextAtMs: number; dead: boolean }>();
  const dead: string[] = [];
  const posted: number[] = [];
  const records: WaitingRecords = {
    async add({ id, body, traceparent, createdAtMs }) {
      rows.set(id, { id, body, traceparent, attempts: 0, createdAtMs, nextAtMs: createdAtMs, dead: false });
    },
    async lease(nowMs, leaseUntilMs, limit) {
      const waiting = [...rows.values()].filter((row) => !row.dead);
      const first = waiting.filter(({ id }, index) => index === waiting.findIndex((row) => isSameCall(row.id, id)));
      const due = first.filter((row) => row.nextAtMs <= nowMs).slice(0, limit);
      return due.map((row) => {
        const leased = { ...row, attempts: row.attempts + 1, nextAtMs: leaseUntilMs };
        rows.set(row.id, leased);
        return leased;
      });
    },
    async remove(id) {
      rows.delete(id);
    },
    async postpone(id, nextAtMs) {
      const row = rows.get(id);
      if (row) rows.set(id, { ...row, nextAtMs });
    },
    async bury(id) {
      const row = rows.get(id);
      if (row) rows.set(id, { ...row, dead: true });
    },
  };
  const deliverer = createDeliverer({
    records,
    clock,
    wallClock: clock.now,
    random: () => 1,
    onDead: (record) => dead.push(record.id),
    post: async (record) => {
      posted.push(clock.now());
      if (ownPost) return ownPost(record);
      return answers.shift() ?? { kind: 'later', reason: 'no answer left' };
    },
  });
  return { clock, deliverer, records, rows, dead, posted };
}

const isSameCall = (id: string, other: string) => id.split(':')[0] === other.split(':')[0];

const ROW = { id: 'CA1:1', body: '{"callSid":"CA1"}', traceparent: null, createdAtMs: 0 };

test('a record that the service takes leaves the outbox', async () => {
  const { deliverer, records, rows, clock } = createOutbox([{ kind: 'saved' }]);
  await records.add(ROW);
  const delivered = deliverer.deliverSoon(ROW.id);
  await clock.advance(0);
  expect(await delivered).toEqual({ outcome: 'saved', attempts: 1, ageMs: 0 });
  expect(rows.size).toBe(0);
});

test('a service that is away gets the record later, with growing pauses', async () => {
  const later = { kind: 'later', reason: 'down' } as const;
  const { deliverer, records, rows, clock, posted } = createOutbox([later, later, later, { kind: 'saved' }]);
  await records.add(ROW);
  const delivered = deliverer.deliverSoon(ROW.id);
  await clock.advance(20_000);
  expect((await delivered).outcome).toBe('queued');
  expect(rows.size).toBe(0);
  const pauses = posted.slice(1).map((atMs, index) => atMs - (posted[index] ?? 0));
  expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  expect(pauses[0]).toBeGreaterThanOrEqual(1000);
});

test('the pause that the service asks for is kept', async () => {
  const { deliverer, records, clock, posted } = createOutbox([
    { kind: 'later', reason: '429', retryAfterMs: 9000 },
    { kind: 'saved' },
  ]);
  await records.add(ROW);
  void deliverer.deliverSoon(ROW.id);
  await clock.advance(20_000);
  expect((posted[1] ?? 0) - (posted[0] ?? 0)).toBeGreaterThanOrEqual(9000);
});

test('a record that is refused is kept for people and never sent again', async () => {
  const { deliverer, records, rows, dead, clock, posted } = createOutbox([{ kind: 'refused', reason: '422' }]);
  await records.add(ROW);
  const delivered = deliverer.deliverSoon(ROW.id);
  await clock.advance(60_000);
  expect((await delivered).outcome).toBe('dead');
  expect(dead).toEqual([ROW.id]);
  expect(rows.get(ROW.id)?.dead).toBe(true);
  expect(posted).toHaveLength(1);
});

test('what an earlier run left is delivered at the start', async () => {
  const { deliverer, records, rows, clock } = createOutbox([{ kind: 'duplicate' }]);
  await records.add(ROW);
  void deliverer.run();
  await clock.advance(0);
  expect(rows.size).toBe(0);
});

test('a record that an outage held up for days is tried again, and no answer but a refusal makes it dead', async () => {
  const later = { kind: 'later', reason: 'down' } as const;
  const { deliverer, records, rows, dead, clock } = createOutbox([later, later, { kind: 'saved' }]);
  await records.add({ ...ROW, createdAtMs: -3 * 24 * 3_600_000 });
  const delivered = deliverer.deliverSoon(ROW.id);
  await clock.advance(0);
  expect((await delivered).outcome).toBe('queued');
  await clock.advance(20_000);
  expect(dead).toEqual([]);
  expect(rows.size).toBe(0);
});

test('after an outage sixteen records are tried at once, and one more whenever an answer came', async () => {
  const open: PromiseWithResolvers<PostResult>[] = [];
  const { deliverer, records, clock } = createOutbox([], () => {
    const answer = Promise.withResolvers<PostResult>();
    open.push(answer);
    return answer.promise;
  });
  for (let call = 0; call < 100; call += 1) await records.add({ ...ROW, id: `CA${call}:1` });
  void deliverer.run();
  await clock.advance(5000);
  expect(open).toHaveLength(16);
  open[3]?.resolve({ kind: 'saved' });
  await clock.advance(0);
  expect(open).toHaveLength(17);
  for (let next = 0; next < open.length; next += 1) {
    open[next]?.resolve({ kind: 'saved' });
    await clock.advance(0);
  }
  expect(open).toHaveLength(100);
});

test('a correction is delivered after what it corrects, and its call is told at once that it waits', async () => {
  const order: string[] = [];
  const later = { kind: 'later', reason: 'down' } as const;
  const answers: PostResult[] = [later, later, { kind: 'saved' }, { kind: 'saved' }];
  const { deliverer, records, clock } = createOutbox([], async ({ id }) => {
    order.push(id);
    return answers.shift() ?? later;
  });
  await records.add(ROW);
  const first = deliverer.deliverSoon(ROW.id);
  await clock.advance(0);
  expect((await first).outcome).toBe('queued');
  await records.add({ ...ROW, id: 'CA1:2' });
  const second = deliverer.deliverSoon('CA1:2');
  await clock.advance(0);
  expect(await second).toEqual({ outcome: 'queued', attempts: 0, ageMs: 0 });
  await clock.advance(20_000);
  expect(order).toEqual(['CA1:1', 'CA1:1', 'CA1:1', 'CA1:2']);
});

test('a correction whose earlier version is on its way is told how its own delivery went', async () => {
  const answer = Promise.withResolvers<PostResult>();
  const { deliverer, records, clock } = createOutbox([], ({ id }) =>
    id === ROW.id ? answer.promise : Promise.resolve({ kind: 'saved' }),
  );
  await records.add(ROW);
  void deliverer.deliverSoon(ROW.id);
  await clock.advance(0);
  await records.add({ ...ROW, id: 'CA1:2' });
  const second = deliverer.deliverSoon('CA1:2');
  await clock.advance(0);
  answer.resolve({ kind: 'saved' });
  await clock.advance(0);
  expect(await second).toEqual({ outcome: 'saved', attempts: 1, ageMs: 0 });
});
