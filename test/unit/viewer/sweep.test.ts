import { keepWithin } from '../../../services/viewer/domain/keep-within.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';
import { type SampleSpan, spanIdOf, T0_MS, traceIdOf } from '../../helpers/otlp-samples.ts';
import { openStoreStage } from '../../helpers/store-stage.ts';

const at = openStoreStage();
const DAY_MS = 86_400_000;

const request = (number: number, name: string): SampleSpan => ({
  traceId: traceIdOf(number),
  spanId: spanIdOf(number),
  name,
});
const listNames = () => at.query('SELECT name FROM names ORDER BY name').map(({ name }) => name);
const listServices = () => at.query('SELECT service FROM resources ORDER BY service').map(({ service }) => service);
const countScopes = () => at.query('SELECT count(*) AS count FROM scopes')[0]?.count;
/** All that came until now is deleted. */
const deleteAll = () => {
  at.nowMs += DAY_MS;
  at.store.deleteOld(at.nowMs, 50);
};
const sweep = (limit: number) => {
  for (let steps = 0; at.store.sweep(limit); steps += 1) if (steps > 1000) throw new Error('a sweep has no end');
};

test.each([1, 2, 2000])(
  'names and senders that only deleted traces had go with them, looked for %d rows at a time',
  (limit) => {
    at.saveSpans([request(1, 'GET /user/1'), request(2, 'GET /user/2')], 'shop');
    deleteAll();
    at.saveLogs([{ body: 'of no trace', traceId: '' }]);
    at.saveSpans([request(3, 'GET /user/3'), request(4, 'GET /user/4')], 'desk');
    sweep(limit);
    expect([listNames(), listServices(), countScopes()]).toEqual([['GET /user/3', 'GET /user/4'], ['bot', 'desk'], 2]);
    expect(at.store.findTrace(traceIdOf(4)).spans).toMatchObject([{ name: 'GET /user/4' }]);
  },
);

test('a name that comes again after it went is written anew, and read as it was sent', () => {
  // Announced only: the deletion of what has not been counted makes nobody forget its ids.
  at.saveSpans(
    [request(1, 'one'), request(2, 'two')].map((span) => ({ ...span, endMs: null })),
    'shop',
  );
  deleteAll();
  sweep(2000);
  expect([listNames(), listServices()]).toEqual([[], []]);
  at.saveSpans([request(3, 'two'), request(4, 'one')], 'shop');
  const read = [3, 4].map((number) => at.store.findTrace(traceIdOf(number)).spans[0]);
  expect(read).toMatchObject([
    { name: 'two', resource: { attributes: { 'service.name': 'shop' } } },
    { name: 'one', resource: { attributes: { 'service.name': 'shop' } } },
  ]);
});

test('what comes while a sweep goes on keeps its name, wherever the sweep is', () => {
  for (let steps = 0; steps < 12; steps += 1) {
    at.saveSpans([1, 2, 3].map((number) => request(steps * 10 + number, `name ${number}`)));
    deleteAll();
    for (let step = 0; step < steps; step += 1) at.store.sweep(1);
    const late = request(steps * 10 + 9, 'name 2');
    at.saveSpans([late]);
    sweep(1);
    sweep(1);
    expect([steps, at.store.findTrace(late.traceId ?? '').spans.length, listNames()]).toEqual([steps, 1, ['name 2']]);
    deleteAll();
  }
});

test('the store is swept once an hour in small steps, and not read while nothing has changed', async () => {
  const clock = createFakeClock();
  const errors: unknown[] = [];
  const sweeps: boolean[] = [];
  const store = {
    deleteOld: at.store.deleteOld,
    deleteOldContent: at.store.deleteOldContent,
    sweep(limit: number) {
      sweeps.push(at.store.sweep(limit));
      return sweeps.at(-1) === true;
    },
  };
  at.saveSpans([request(1, 'GET /user/1')]);
  const stop = keepWithin({
    store,
    clock,
    now: () => T0_MS + 3 * DAY_MS,
    preset: 'development',
    onError: (error) => errors.push(error),
  });
  await clock.advance(62_000);
  expect([listNames(), errors]).toEqual([[], []]);
  const count = sweeps.length;
  await clock.advance(3_600_000);
  expect(sweeps.slice(count)).toEqual([false]);
  stop();
});
