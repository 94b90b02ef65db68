import { context, SpanStatusCode } from '@opentelemetry/api';
import { type Callspan, callRefOf, createCallspan } from '../../../otel/src/index.ts';
import type { Produced } from '../../../otel/src/stages/run-in-span.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const INFO = { callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' };
const WORK = { name: 'work' };

let recorder: SpanRecorder;
let callspan: Callspan;
beforeEach(() => {
  recorder = startSpanRecorder();
  callspan = createCallspan({ tracer: recorder.tracer });
});
afterEach(() => recorder.close());

/** A generator that says what was done to it. */
function createSource(done: string[] = []) {
  async function* source(): AsyncGenerator<object, string, string | undefined> {
    try {
      for (;;) {
        try {
          done.push(`got ${yield item}`);
        } catch (error) {
          done.push(`caught ${(error as Error).message}`);
          if ((error as Error).message === 'fatal') throw error;
        }
        if (done.length === 4) return 'end';
      }
    } finally {
      done.push('released');
    }
  }
  return source;
}
const item = { text: 'Bonjour' };

/** The three ways in which the kit hands out a stream of somebody else. */
const WAYS: [
  string,
  (
    produce: () => AsyncGenerator<object, string, string | undefined>,
  ) => AsyncGenerator<object, unknown, string | undefined>,
][] = [
  ['wrap', (produce) => callspan.wrap(WORK, produce)()],
  ['modelStream', (produce) => callspan.modelStream(WORK, produce)],
  ['the stream of a call', (produce) => callspan.startCall(INFO).stream(WORK, undefined, produce)],
];

test.each(WAYS)('%s hands every item, sent value and thrown error on, and the value at the end', async (_, open) => {
  const done: string[] = [];
  const stream = open(createSource(done));
  expect((await stream.next('first')).value).toBe(item);
  expect((await stream.next('a')).value).toBe(item);
  expect((await stream.throw(new Error('odd'))).value).toBe(item);
  expect((await stream.next('b')).value).toBe(item);
  expect(recorder.open()).toContain('work');
  expect(await stream.next('c')).toEqual({ done: true, value: 'end' });
  expect(Reflect.ownKeys(stream)).toEqual([]);
  expect(done).toEqual(['got a', 'caught odd', 'got b', 'got c', 'released']);
  expect(recorder.named('work').status.code).toBe(SpanStatusCode.UNSET);
});

test.each(WAYS)('a consumer of %s that stops half-way releases the producer and ends the span', async (_, open) => {
  const done: string[] = [];
  for await (const _item of open(createSource(done))) break;
  expect(done).toEqual(['released']);
  expect(recorder.named('work').attributes['error.type']).toBeUndefined();
});

test.each(WAYS)('a consumer of %s that stops before the first item ends the span', async (_, open) => {
  const stream = open(createSource());
  expect(await stream.return('never')).toEqual({ done: true, value: 'never' });
  expect(recorder.open()).not.toContain('work');
});

test.each(WAYS)('an error of the producer of %s is the same error, and its span failed', async (_, open) => {
  const failure = Object.assign(new Error('fatal'), { code: 'model' });
  const stream = open(createSource());
  await stream.next('first');
  await expect(stream.throw(failure)).rejects.toBe(failure);
  expect(recorder.named('work').attributes['error.type']).toBe('model');
});

test.each(WAYS)('a producer of %s that fails while it is released still ends the span', async (_, open) => {
  const failure = new Error('not released');
  async function* source(): AsyncGenerator<object, string, string | undefined> {
    try {
      yield item;
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: the test is about a release that fails
      throw failure;
    }
  }
  const stream = open(source);
  await stream.next('first');
  await expect(stream.return('x')).rejects.toBe(failure);
  expect(recorder.named('work').status.code).toBe(SpanStatusCode.ERROR);
});

test.each(['wrap', 'modelStream'] as const)(
  'every step of a stream of %s runs in its stage, whoever asks',
  async (way) => {
    const call = callspan.startCall(INFO);
    const turn = call.startTurn(4);
    async function* source() {
      for (let step = 0; step < 3; step += 1) {
        yield callRefOf(context.active())?.turnIndex;
        recorder.tracer.startSpan('step').end();
      }
    }
    const stream = context.with(turn.context, () =>
      way === 'wrap' ? callspan.wrap(WORK, source)() : callspan.modelStream(WORK, source),
    );
    const turns: unknown[] = [];
    for await (const turnIndex of stream) turns.push(turnIndex);
    expect(turns).toEqual([4, 4, 4]);
    const work = recorder.named('work').spanContext().spanId;
    const steps = recorder.spans().filter((span) => span.name === 'step');
    expect(steps.map((span) => span.parentSpanContext?.spanId)).toEqual([work, work, work]);
    call.end({ reason: 'bot_hangup', outcome: 'saved' });
  },
);

/** Both ways that take a function which gives a stream. */
const PRODUCERS: [string, (produce: () => Produced<object>) => AsyncGenerator<object>][] = [
  ['modelStream', (produce) => callspan.modelStream(WORK, produce)],
  ['the stream of a call', (produce) => callspan.startCall(INFO).stream(WORK, undefined, produce)],
];

test.each(PRODUCERS)('%s takes the promise of a stream, as clients of models give it', async (_, open) => {
  const done: string[] = [];
  const source = createSource(done);
  for await (const one of open(async () => source())) {
    expect(one).toBe(item);
    expect(recorder.open()).toContain('work');
    break;
  }
  expect(done).toEqual(['released']);
  expect(recorder.named('work').attributes['error.type']).toBeUndefined();
});

test.each(PRODUCERS)('of %s a promise that is refused is the same error, and the span failed', async (_, open) => {
  const failure = Object.assign(new Error('too many'), { status: 429 });
  await expect(open(() => Promise.reject(failure)).next()).rejects.toBe(failure);
  expect(recorder.named('work').attributes['error.type']).toBe('rate_limit');
});

test.each(PRODUCERS)('what is no stream is said by %s to be none, with what is expected', async (_, open) => {
  const next = (produce: () => unknown) => open(produce as () => Produced<object>).next();
  const expected = 'what produce gives is not set; expected an async iterable, or a promise of one';
  await expect(next(() => undefined)).rejects.toThrow(new TypeError(expected));
  await expect(next(async () => ['Bonjour'])).rejects.toThrow('what produce gives is an Array; expected');
});

test('a streamed model whose producer cannot be stopped ends when its consumer stops', async () => {
  const producer = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false as const, value: item }) }) };
  for await (const _ of callspan.modelStream(WORK, () => producer)) break;
  expect(recorder.named('work').attributes['error.type']).toBeUndefined();
  expect(recorder.open()).toEqual([]);
});

test('a promised stream is the same object, measured until its end, and has no trace of it left', async () => {
  class Answer {
    readonly #items = [1, 2, 3];
    async *[Symbol.asyncIterator]() {
      yield* this.#items;
    }
    sum() {
      return this.#items.length;
    }
  }
  const answer = new Answer();
  const promised = await callspan.wrap(WORK, async () => answer)();
  expect(promised).toBe(answer);
  expect(promised.sum()).toBe(3);
  expect(recorder.open()).toEqual(['work']);
  const items: number[] = [];
  for await (const one of promised) items.push(one);
  expect(items).toEqual([1, 2, 3]);
  expect(recorder.named('work').status.code).toBe(SpanStatusCode.UNSET);
  expect(Reflect.ownKeys(answer)).toEqual([]);
});

test('an iterator without return and one that answers at once are what they were', async () => {
  let value = 0;
  const counter = {
    [Symbol.asyncIterator]: () => counter,
    next: () => ({ done: value === 2, value: value++ }),
  };
  const measured = callspan.wrap(WORK, () => counter)() as unknown as typeof counter & { return?: unknown };
  expect(measured).toBe(counter);
  expect(measured.return).toBeUndefined();
  expect(measured.next()).toEqual({ done: false, value: 0 });
  expect([measured.next(), measured.next()]).toEqual([
    { done: false, value: 1 },
    { done: true, value: 2 },
  ]);
  expect(recorder.open()).toEqual([]);
});

test('a stream that can be read in other ways is measured until it is handed over', () => {
  const body = new Response('x').body;
  expect(callspan.wrap(WORK, () => body)()).toBe(body);
  expect(recorder.named('work').status.code).toBe(SpanStatusCode.UNSET);
});

test('a stream that takes no change is measured until it is handed over', async () => {
  const frozen = Object.freeze({
    async *[Symbol.asyncIterator]() {
      yield 1;
    },
  });
  expect(callspan.wrap(WORK, () => frozen)()).toBe(frozen);
  expect(recorder.open()).toEqual([]);
  const items: number[] = [];
  for await (const one of frozen) items.push(one);
  expect(items).toEqual([1]);
});

test('a thenable of its own kind stays itself and is not asked for its result by the kit', async () => {
  let asked = 0;
  class Query {
    // biome-ignore lint/suspicious/noThenProperty: the test is about such objects
    then(onValue: (rows: number[]) => unknown) {
      asked += 1;
      return Promise.resolve([1, 2]).then(onValue);
    }
  }
  const query = new Query();
  const measured = callspan.wrap(WORK, () => query)();
  expect(measured).toBe(query);
  expect(asked).toBe(0);
  expect(recorder.open()).toEqual(['work']);
  expect(await measured).toEqual([1, 2]);
  expect(asked).toBe(1);
  expect(recorder.open()).toEqual([]);
  expect(Reflect.ownKeys(query)).toEqual([]);
});

test('a promise of a class of its own stays itself, with its methods', async () => {
  class ApiPromise<T> extends Promise<T> {
    requestId() {
      return 'req_1';
    }
  }
  const failure = Object.assign(new Error('slow'), { name: 'TimeoutError' });
  const promise = new ApiPromise<never>((_, reject) => setImmediate(() => reject(failure)));
  const measured = callspan.wrap(WORK, () => promise)();
  expect(measured).toBe(promise);
  expect(measured.requestId()).toBe('req_1');
  await expect(measured).rejects.toBe(failure);
  expect(recorder.named('work').attributes['error.type']).toBe('timeout');
});

test.each<[string, () => unknown]>([
  ['a getter', () => Object.defineProperty({}, 'then', { get: () => fail() })],
  ['a proxy', () => new Proxy({}, { get: () => fail(), getPrototypeOf: () => fail() })],
])('a result with %s that throws when it is looked at is handed over all the same', (_, make) => {
  const result = make();
  expect(callspan.wrap(WORK, () => result)() === result).toBe(true);
  expect(recorder.open()).toEqual([]);
});

test('an error that throws when it is looked at is thrown on, and its span is closed', () => {
  const hostile = new Proxy({}, { get: () => fail(), has: () => fail(), getPrototypeOf: () => fail() });
  let caught: unknown;
  try {
    callspan.wrap(WORK, () => {
      throw hostile;
    })();
  } catch (error) {
    caught = error;
  }
  expect(caught === hostile).toBe(true);
  expect(recorder.named('work').attributes['error.type']).toBe('internal');
});

function fail(): never {
  throw new Error('hands off');
}
