import { context, createContextKey, diag, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  catchUp,
  deferred,
  isCatchUpComing,
  onCaughtUp,
  startDeferring,
  stopDeferring,
} from '../../../otel/src/deferred.ts';

const { jest } = import.meta;

afterEach(() => {
  stopDeferring();
  diag.disable();
  jest.useRealTimers();
});

/** Work that notes what it was given. */
function notedWork(fails: (item: string) => boolean = () => false) {
  const done: string[] = [];
  const work = deferred<string>((item) => {
    if (fails(item)) throw new Error(`no ${item}`);
    done.push(item);
  });
  return { done, work };
}

test('until deferring begins work is done at once, and throws where it was made', () => {
  const { done, work } = notedWork((item) => item === 'bad');
  work('first');
  expect(done).toEqual(['first']);
  expect(() => work('bad')).toThrow('no bad');
});

test('work of one kind is done together, in its order, 100 ms after the first of it came up', () => {
  jest.useFakeTimers();
  startDeferring();
  const { done, work } = notedWork();
  jest.advanceTimersByTime(1000);
  work('first');
  jest.advanceTimersByTime(60);
  work('second');
  jest.advanceTimersByTime(39);
  expect(done).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(done).toEqual(['first', 'second']);
  work('third');
  jest.advanceTimersByTime(100);
  expect(done).toEqual(['first', 'second', 'third']);
});

test('who looks at the outcome has what waits done first', () => {
  startDeferring();
  const { done, work } = notedWork();
  work('first');
  expect(done).toEqual([]);
  catchUp();
  expect(done).toEqual(['first']);
});

test('after the end of deferring everything that waited is done, and the rest is done at once', () => {
  startDeferring();
  const { done, work } = notedWork();
  work('first');
  stopDeferring();
  expect(done).toEqual(['first']);
  work('second');
  expect(done).toEqual(['first', 'second']);
});

test('so many items that waiting gains nothing more do not wait', () => {
  startDeferring();
  const { done, work } = notedWork();
  for (let item = 1; item < 64; item += 1) work(`${item}`);
  expect(done).toHaveLength(0);
  work('64');
  expect(done).toHaveLength(64);
});

test('an item that fails is told and keeps no other from being done', () => {
  const told: unknown[][] = [];
  const warn = (...words: unknown[]) => void told.push(words);
  diag.setLogger({ verbose() {}, debug() {}, info() {}, warn, error() {} });
  startDeferring();
  const { done, work } = notedWork((item) => item === 'bad');
  for (const item of ['first', 'bad', 'last']) work(item);
  catchUp();
  expect(done).toEqual(['first', 'last']);
  expect(told).toEqual([['telemetry on its way out failed:', 'Error', expect.stringContaining('deferred.test.ts')]]);
});

test('what cannot even be told of is no danger to the items after it', () => {
  startDeferring();
  const done: string[] = [];
  const work = deferred<string>((item) => {
    if (item === 'bad') throw Object.create(null);
    done.push(item);
  });
  for (const item of ['bad', 'last']) work(item);
  catchUp();
  expect(done).toEqual(['last']);
});

test('work is done in nobody’s context, whoever made it wait and whoever asks for it', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  const key = createContextKey('call');
  const inCall = (call: string, run: () => void) => context.with(ROOT_CONTEXT.setValue(key, call), run);
  startDeferring();
  const seen: unknown[] = [];
  const { promise: first, resolve } = Promise.withResolvers<number>();
  const work = deferred<number>(() => resolve(seen.push(context.active().getValue(key))));
  inCall('of the timer', () => work(1));
  expect(await first).toBe(1);
  for (let item = 0; item < 64; item += 1) inCall('of the last', () => work(item));
  inCall('of the last', () => work(1));
  inCall('of whoever asks', catchUp);
  context.disable();
  expect(new Set(seen)).toEqual(new Set([undefined]));
  expect(seen).toHaveLength(66);
});

test('whoever wants to hear that it has been done is told, whatever another listener throws, until they have enough', () => {
  startDeferring();
  const { done, work } = notedWork();
  const over = [
    onCaughtUp(() => {
      throw new Error('no');
    }),
    onCaughtUp(() => void done.push('told')),
  ];
  work('first');
  catchUp();
  for (const forget of over) forget();
  work('second');
  catchUp();
  expect(done).toEqual(['first', 'told', 'second']);
});

test('who asks whether it is to come makes it come; with nothing deferred it never does', () => {
  jest.useFakeTimers();
  expect(isCatchUpComing()).toBe(false);
  startDeferring();
  jest.advanceTimersByTime(1000);
  let times = 0;
  const forget = onCaughtUp(() => {
    times += 1;
  });
  expect(isCatchUpComing()).toBe(true);
  jest.advanceTimersByTime(100);
  forget();
  expect(times).toBe(1);
});
