import { ViewerError } from '../../../services/viewer/domain/errors.ts';
import { createIngest } from '../../../services/viewer/domain/ingest.ts';
import type { Changes, TelemetryStore } from '../../../services/viewer/domain/ports.ts';
import type { SpanRecord } from '../../../services/viewer/domain/telemetry.ts';

const makeSpans = (name: string, count = 1) => Array.from({ length: count }, () => ({ name }) as SpanRecord);

/** A store that keeps the names of each transaction and fails when one of them is `poison`, with `error`. */
function startIngest(error: Error = new ViewerError('busy', 'disk full')) {
  const transactions: number[] = [];
  const failures: unknown[] = [];
  const published: Changes[] = [];
  const save: TelemetryStore['save'] = ({ spans }) => {
    if (spans.some(({ name }) => name === 'poison')) throw error;
    transactions.push(spans.length);
    return { calls: [], logs: [], spans: [] };
  };
  const sink = createIngest({
    store: { save },
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

test('of a request with rows that the store can never keep the others are kept, and the rest is counted', async () => {
  const { sink, transactions, failures } = startIngest(new Error('not a value'));
  const spans = [...makeSpans('a', 3), ...makeSpans('poison', 2), ...makeSpans('b', 5)];
  expect(await Promise.all([sink.saveSpans(spans), sink.saveSpans(makeSpans('c'))])).toEqual([2, 0]);
  expect(transactions.reduce((sum, count) => sum + count, 0)).toBe(9);
  expect(failures).toHaveLength(1);
});

test('what is stored stays stored when nobody can be told of it', async () => {
  const failures: unknown[] = [];
  let saves = 0;
  const sink = createIngest({
    store: {
      save() {
        saves += 1;
        return { calls: [], logs: [], spans: [] };
      },
    },
    onChanges() {
      throw new Error('nobody listens');
    },
    onError: (error) => failures.push(error),
  });
  expect(await sink.saveSpans(makeSpans('a'))).toBe(0);
  expect([saves, failures.length]).toEqual([1, 1]);
});
