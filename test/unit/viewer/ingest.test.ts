import { createIngest } from '../../../services/viewer/domain/ingest.ts';
import type { Changes, TelemetryStore } from '../../../services/viewer/domain/ports.ts';
import type { SpanRecord } from '../../../services/viewer/domain/telemetry.ts';

const makeSpans = (name: string, count = 1) => Array.from({ length: count }, () => ({ name }) as SpanRecord);

/** A store that keeps the names of each transaction and fails when one of them is `poison`. */
function startIngest() {
  const transactions: number[] = [];
  const failures: unknown[] = [];
  const published: Changes[] = [];
  const save: TelemetryStore['save'] = ({ spans }) => {
    if (spans.some(({ name }) => name === 'poison')) throw new Error('disk full');
    transactions.push(spans.length);
    return { calls: [], logs: [], spans: [] };
  };
  const sink = createIngest({
    store: { save } as TelemetryStore,
    onChanges: (changes) => published.push(changes),
    onError: (error) => failures.push(error),
  });
  return { sink, transactions, failures, published };
}

test('requests that come together share a transaction, and each is answered after it', async () => {
  const { sink, transactions, published } = startIngest();
  await Promise.all([sink.saveSpans(makeSpans('a', 3)), sink.saveSpans(makeSpans('b', 4)), sink.saveLogs([])]);
  expect(transactions).toEqual([7]);
  expect(published).toHaveLength(1);
});

test('a transaction does not grow without end, whatever comes together', async () => {
  const { sink, transactions } = startIngest();
  await Promise.all([1, 2, 3, 4].map(() => sink.saveSpans(makeSpans('a', 900))));
  expect(transactions).toEqual([1800, 1800]);
});

test('a request that cannot be stored is told to come again, and does not take the others with it', async () => {
  const { sink, transactions, failures } = startIngest();
  const results = await Promise.allSettled([
    sink.saveSpans(makeSpans('a')),
    sink.saveSpans(makeSpans('poison')),
    sink.saveSpans(makeSpans('b')),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(results[1]).toMatchObject({ reason: { code: 'busy' } });
  expect(transactions).toEqual([1, 1]);
  expect(failures).toHaveLength(1);
});
