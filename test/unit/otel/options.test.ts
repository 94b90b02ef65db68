import { trace } from '@opentelemetry/api';
import { type CallspanOptions, createCallspan, createTracedFetch, tapMediaStream } from '../../../otel/src/index.ts';

const CARRIER = 'expected the name of a carrier, such as "twilio", or false when the line costs nothing';
const LOGGER = 'expected a logger with the methods debug, info, warn and error';
const KNOWN = '(tracer, meter, logger, limits, eventLoopBlocked, prices, carrier, measureListeners)';

test.each<[unknown, string]>([
  [{ carrier: 5 }, `carrier is 5; ${CARRIER}`],
  [{ carrier: true }, `carrier is true; ${CARRIER}`],
  [{ carrier: '' }, `carrier is ""; ${CARRIER}`],
  [{ carrier: null }, `carrier is null; ${CARRIER}`],
  [
    { carrier: 'twilio/us-local/inbound' },
    'carrier is "twilio/us-local/inbound"; expected a carrier that the prices have, such as "twilio/us-local" (without a direction), "twilio", or false when the line costs nothing',
  ],
  [{ carrier: 'own', prices: { carrier: { 'own/inbound': null } } }, 'carrier is "own"; expected a carrier that the'],
  [{ logger: 'x' }, `logger is "x"; ${LOGGER}`],
  [{ logger: { info() {} } }, `logger is {}; ${LOGGER}`],
  [{ logger: () => undefined }, `logger is a function; ${LOGGER}`],
  [{ tracer: {} }, 'tracer is {}; expected a tracer of OpenTelemetry'],
  [{ meter: 1n }, 'meter is 1; expected a meter of OpenTelemetry'],
  [{ measureListeners: [1] }, 'measureListeners is [1]; expected a list of functions that take a measure'],
  [{ limit: [] }, `limit is []; expected an option of createCallspan: did you mean limits? ${KNOWN}`],
  [{ Tracer: 1 }, `Tracer is 1; expected an option of createCallspan: did you mean tracer? ${KNOWN}`],
  [{ price: {} }, `price is {}; expected an option of createCallspan: did you mean prices? ${KNOWN}`],
  [{ constructor: 1 }, 'constructor is 1; expected an option of createCallspan: did you mean'],
  ['twilio', 'the options of createCallspan is "twilio"; expected an object'],
  [null, 'the options of createCallspan is null; expected an object'],
])('the kit refuses the options %j by name, value and expected form', (options, message) => {
  const make = () => createCallspan(options as CallspanOptions);
  expect(make).toThrow(TypeError);
  expect(make).toThrow(message);
});

test('an option that cannot be shown is refused all the same', () => {
  const loop: { self?: unknown } = {};
  loop.self = loop;
  expect(() => createCallspan({ logger: loop as never })).toThrow(LOGGER);
});

test('of a large value only the beginning is shown', () => {
  const message = `logger is {"text":"${'x'.repeat(91)}...; ${LOGGER}`;
  expect(() => createCallspan({ logger: { text: 'x'.repeat(5000) } as never })).toThrow(new TypeError(message));
});

test.each<[CallspanOptions]>([
  [{}],
  [{ carrier: false }],
  [{ carrier: 'twilio/us-local', limits: [], prices: {} }],
  [{ carrier: 'own', prices: { carrier: { 'own/outbound': { perMinute: 1 } } } }],
  [{ carrier: 'twilio', prices: { asOf: '2026-11-01', currency: 'USD' } }],
  [{ logger: { debug() {}, info() {}, warn() {}, error() {} }, tracer: trace.getTracer('x') }],
  [{ carrier: undefined, logger: undefined } as unknown as CallspanOptions],
])('the kit takes the options %j', (options) => {
  expect(() => createCallspan(options)).not.toThrow();
});

test.each<[unknown, string]>([
  [{ provider: 5 }, 'provider is 5; expected the name of a provider, such as "openai"'],
  [{ provider: '' }, 'provider is ""; expected the name of a provider, such as "openai"'],
  [{ callspan: {} }, 'callspan is {}; expected what createCallspan returns'],
  [{ callspan: null }, 'callspan is null; expected what createCallspan returns'],
  [{ providers: 'x' }, 'expected an option of createTracedFetch: did you mean provider? (callspan, provider)'],
])('a traced fetch refuses the options %j by name, value and expected form', (options, message) => {
  const make = () => createTracedFetch(fetch, options as object);
  expect(make).toThrow(TypeError);
  expect(make).toThrow(message);
});

test('a traced fetch that gets its options in the place of fetch says so', () => {
  const message =
    'fetchImplementation is {"provider":5}; expected a function like fetch; options are the second argument';
  expect(() => createTracedFetch({ provider: 5 } as never)).toThrow(new TypeError(message));
  expect(() => createTracedFetch(undefined, { provider: 'vllm', callspan: createCallspan() })).not.toThrow();
});

const OPTIONS_OF_STAGE = 'expected a stage, such as toolStage({ name: "find_customer" })';
const FN = 'expected the function to measure, after the stage: wrap(stage, fn)';

test.each<[unknown, unknown, string]>([
  [{ name: 'work' }, 5, `fn is 5; ${FN}`],
  [{ name: 'work' }, undefined, `fn is not set; ${FN}`],
  [() => 1, { name: 'work' }, `fn is an Object; ${FN}`],
  [5, () => 1, `the stage is 5; ${OPTIONS_OF_STAGE}, or a function that returns one`],
  [{ stage: 'save' }, () => 1, `the name of the stage is not set; ${OPTIONS_OF_STAGE}`],
  [{ name: 'work', stage: 'nope' }, () => 1, 'the stage of work is "nope"; expected one of setup, '],
])('wrap(%p, %p) is refused, saying what was expected', (stage, fn, message) => {
  const make = () => createCallspan().wrap(stage as never, fn as never);
  expect(make).toThrow(TypeError);
  expect(make).toThrow(message);
});

test('the arguments of tapMediaStream are refused by name, with what was expected', () => {
  const callspan = createCallspan();
  const call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
  const tap = tapMediaStream as (...parameters: unknown[]) => unknown;
  const ORDER = 'the arguments are (callspan, call, socket)';
  const SOCKET = `expected the ws socket of the media stream; ${ORDER}`;
  expect(() => tap(callspan, call)).toThrow(new TypeError(`socket is not set; ${SOCKET}`));
  expect(() => tap(callspan, call, {})).toThrow(new TypeError(`socket is an Object; ${SOCKET}`));
  expect(() => tap(call, {})).toThrow(
    new TypeError(`callspan is a TracedCall; expected what createCallspan returns; ${ORDER}`),
  );
  expect(() => tap(callspan, undefined, {})).toThrow(
    new TypeError(`call is not set; expected what callspan.startCall returns; ${ORDER}`),
  );
  call.end({ reason: 'bot_hangup', outcome: 'saved' });
});
