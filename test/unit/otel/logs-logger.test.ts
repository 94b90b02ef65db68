import { type Context, context, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { withCallRef, withTraceparent } from '../../../otel/src/call/call-context.ts';
import { createKitLog } from '../../../otel/src/logs/kit-log.ts';
import type { LogFields, Logger } from '../../../otel/src/logs/log-methods.ts';
import { createLogger } from '../../../otel/src/logs/logger.ts';
import { createRedactor } from '../../../otel/src/redaction/redactor.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
let lines: string[];
let logger: Logger;
beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());
beforeEach(() => {
  lines = [];
  logger = createLogger({
    context: 'Test',
    destination: { write: (line) => void lines.push(line) },
    redactor: createRedactor({ level: 'masked' }),
  });
});
const parsed = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
const inCall = (turnIndex?: number): Context =>
  withCallRef(withTraceparent(ROOT_CONTEXT, `00-${TRACE_ID}-b7ad6b7169203331-01`), {
    callSid: 'CA1',
    streamSid: 'MZ1',
    turnIndex,
  });

test('a line of the kit belongs to the call that it is about, with a logger of the kit and with another', () => {
  const active: Context[] = [];
  const tell = () => void active.push(context.active());
  const another: Logger = { debug: tell, info: tell, warn: tell, error: tell };
  const where = inCall(2);
  const record = { event: 'reply.started', severity: 'info', body: 'reply started', context: where } as const;
  for (const each of [logger, another]) createKitLog(each)(record);
  expect(parsed()).toEqual([
    expect.objectContaining({
      event: 'reply.started',
      trace_id: TRACE_ID,
      'twilio.call.sid': 'CA1',
      'voice.turn.index': 2,
    }),
  ]);
  expect(active).toEqual([where]);
});

test('every line of a call has the ids of trace, span, call, stream and turn', () => {
  context.with(inCall(3), () => logger.info('reply finished', { event: 'reply.finished', duration_ms: 12 }));
  expect(parsed()).toEqual([
    {
      level: 30,
      time: expect.any(Number),
      service: expect.any(String),
      context: 'Test',
      msg: 'reply finished',
      event: 'reply.finished',
      duration_ms: 12,
      trace_id: TRACE_ID,
      span_id: 'b7ad6b7169203331',
      trace_flags: '01',
      'gen_ai.conversation.id': 'CA1',
      'twilio.call.sid': 'CA1',
      'twilio.stream.sid': 'MZ1',
      'voice.turn.index': 3,
    },
  ]);
});

test('a line outside calls has none of them', () => {
  logger.debug('ready');
  expect(Object.keys(parsed()[0] ?? {}).sort()).toEqual(['context', 'level', 'msg', 'service', 'time']);
});

test('a field cannot pass for one of the line itself', () => {
  const forged = { level: 10, time: 1, msg: 'forged', service: 'other', trace_id: 'x', 'twilio.call.sid': 'CA9' };
  context.with(inCall(), () => logger.warn('true', forged));
  const [line] = lines;
  expect(parsed()[0]).toMatchObject({
    level: 40,
    msg: 'true',
    trace_id: TRACE_ID,
    'twilio.call.sid': 'CA1',
    level_: 10,
  });
  expect(line?.match(/"level":/g)).toHaveLength(1);
  expect(line?.match(/"trace_id":/g)).toHaveLength(1);
});

test('message and fields are redacted before they are written', () => {
  logger.info('call back +33 6 12 34 56 78', { note: 'jean@example.com', password: 'hunter2hunter2' });
  expect(lines.join()).not.toMatch(/12 34 56|jean@|hunter2/);
});

test('an error is its class and stack, never what it says', () => {
  logger.error('failed', { error: new TypeError('Jean Dupont said so') });
  expect(parsed()[0]?.error).toMatchObject({ type: 'TypeError', stack: expect.stringContaining('at ') });
  expect(lines.join()).not.toContain('Dupont');
});

const circular: Record<string, unknown> = {};
circular.self = circular;
const deep = () => {
  let value: unknown = 'bottom';
  for (let level = 0; level < 10_000; level += 1) value = { value };
  return value;
};
const throwing = {
  get field(): never {
    throw new Error('getter');
  },
};
const hostile = new Proxy(
  {},
  {
    get() {
      throw new Error('get');
    },
    ownKeys() {
      throw new Error('ownKeys');
    },
    getPrototypeOf() {
      throw new Error('getPrototypeOf');
    },
  },
);
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const VALUES: readonly (readonly [string, unknown])[] = [
  ['circular', circular],
  ['10 MB of text', 'x'.repeat(10_000_000)],
  ['a million keys', Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key${index}`, index]))],
  ['deep nesting', deep()],
  ['a getter that throws', throwing],
  ['a proxy that throws', hostile],
  ['a revoked proxy', revoked.proxy],
  ['toJSON that throws', { toJSON: () => JSON.parse('{') }],
  ['a bigint', 10n],
  ['a symbol', Symbol('s')],
  ['a map', new Map([[{}, 1n]])],
  ['a set', new Set([Symbol.iterator])],
  ['a buffer', Buffer.alloc(1_000_000, 7)],
  ['prototype pollution', JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}')],
  ['a function', () => 'called'],
  ['NaN', Number.NaN],
  ['null', null],
  ['undefined', undefined],
];

test.each(VALUES)('%s as a field, as all fields, as message or as error is one bounded line', (_, value) => {
  logger.info('field', { value });
  logger.info('fields', value as LogFields);
  logger.info(value as string);
  logger.error('error', { error: value });
  expect(lines).toHaveLength(4);
  for (const line of lines) {
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(line.length).toBeLessThan(70_000);
    expect(() => JSON.parse(line)).not.toThrow();
  }
  expect(parsed().map(({ level }) => level)).toEqual([30, 30, 30, 50]);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('control characters of a value are escaped in the JSON, and mean the same', () => {
  const evil = 'a\r\n\u001b[31m\u009b\u202e\u2028';
  logger.info(evil, { said: evil });
  expect(parsed()[0]).toMatchObject({ msg: evil, said: evil });
  expect(lines[0]?.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
});

test('a message is bounded', () => {
  logger.info('m'.repeat(30_000));
  expect(parsed()[0]).toMatchObject({ msg: 'm'.repeat(4096) });
});

test('a destination that throws breaks nobody', () => {
  const broken = createLogger({
    destination: {
      write() {
        throw new Error('gone');
      },
    },
  });
  expect(() => broken.info('lost')).not.toThrow();
});

test('event, name and error of a line are redacted like the rest of it, and no cut tears a number in two', () => {
  const said = createLogger({
    context: 'calls of jean@example.org',
    destination: { write: (line) => void lines.push(line) },
    redactor: createRedactor({ level: 'masked' }),
  });
  const error = Object.assign(new Error('no "Jean" here'), { code: 'validation' });
  said.info(`${'x'.repeat(4084)} 06 39 98 12 34`, { event: 'call of jean@example.org', error });
  const [line] = parsed();
  expect([line?.event, line?.context]).toEqual(['call of <email>', 'calls of <email>']);
  expect(line?.error).toMatchObject({ message: 'no <quoted> here' });
  expect(line?.msg).not.toMatch(/\d/);
});

test('fields that look like a request or an answer to the library below are fields like any others', () => {
  const request = {
    method: 'POST',
    headers: { a: 'b' },
    socket: { open: true },
    event: 'http.request',
    route: '/voice',
  };
  const answer = { setHeader: 'x', err: { message: 'm', stack: 's' }, req: { a: 1 }, res: { b: 2 } };
  logger.info('request came', request as LogFields);
  logger.info('answered', answer as LogFields);
  const [first, second] = parsed();
  expect(first).toMatchObject({ ...request, time: expect.any(Number), msg: 'request came', context: 'Test' });
  expect(second).toMatchObject({ setHeader: 'x', req: { a: 1 }, res: { b: 2 }, time: expect.any(Number) });
});
