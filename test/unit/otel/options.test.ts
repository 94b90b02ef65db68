import { trace } from '@opentelemetry/api';
import { type CallspanOptions, createCallspan, createTracedFetch } from '../../../otel/src/index.ts';

const CARRIER = 'expected the name of a carrier, such as "twilio", or false when the line costs nothing';
const LOGGER = 'expected a logger with the methods debug, info, warn and error';
const KNOWN = '(tracer, meter, logger, limits, eventLoopBlocked, prices, carrier, measureListeners)';

test.each<[unknown, string]>([
  [{ carrier: 5 }, `carrier is 5; ${CARRIER}`],
  [{ carrier: true }, `carrier is true; ${CARRIER}`],
  [{ carrier: '' }, `carrier is ""; ${CARRIER}`],
  [{ carrier: null }, `carrier is null; ${CARRIER}`],
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
