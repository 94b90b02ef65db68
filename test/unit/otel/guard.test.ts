import { type Attributes, diag } from '@opentelemetry/api';
import fc from 'fast-check';
import { guardAttributes } from '../../../otel/src/call/attribute-guard.ts';
import { type Callspan, createCallspan, type Logger } from '../../../otel/src/index.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const INFO = { callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' };
const END = { reason: 'bot_hangup', outcome: 'saved' } as const;

let recorder: SpanRecorder;
let callspan: Callspan;
beforeEach(() => {
  recorder = startSpanRecorder();
  callspan = createCallspan({ tracer: recorder.tracer });
});
afterEach(() => recorder.close());

function guard(attributes: unknown): { kept: Attributes; cut: number } {
  let cut = 0;
  const kept = guardAttributes(attributes as Attributes, (values) => {
    cut += values;
  });
  return { kept, cut };
}

function refuse(): never {
  throw new Error('hands off');
}

const hostileObject = () => new Proxy({}, { get: refuse, ownKeys: refuse, getPrototypeOf: refuse, has: refuse });

test.each<[string, unknown, unknown, number]>([
  ['text', 'fine', 'fine', 0],
  ['text of 2 KiB', 'x'.repeat(2048), 'x'.repeat(2048), 0],
  ['longer text', 'x'.repeat(2049), 'x'.repeat(2048), 1],
  ['longer text with half a character at the cut', `${'x'.repeat(2047)}😀`, 'x'.repeat(2047), 1],
  ['zero', 0, 0, 0],
  ['no number', Number.NaN, undefined, 1],
  ['a number without end', Number.POSITIVE_INFINITY, undefined, 1],
  ['a switch', false, false, 0],
  ['nothing', undefined, undefined, 0],
  ['null', null, undefined, 0],
  ['an object', { name: 'Jean' }, undefined, 1],
  ['a function', () => 'Jean', undefined, 1],
  ['a symbol', Symbol('x'), undefined, 1],
  ['a big integer', 1n, undefined, 1],
  ['a list', ['a', 'b'], ['a', 'b'], 0],
  ['an empty list', [], [], 0],
  ['a list in a list', [['a']], [], 1],
  ['a mixed list', ['a', 1, 'b'], ['a', 'b'], 1],
  ['a list with a long text', ['x'.repeat(3000)], ['x'.repeat(2048)], 1],
  ['a long list', new Array(200).fill(1), new Array(128).fill(1), 1],
  ['a proxy that throws', hostileObject(), undefined, 1],
  ['a list that throws', [hostileObject()], [], 1],
])('%s is kept or cut as a span can carry it, and what was cut is counted', (_, value, kept, cut) => {
  const guarded = guard({ key: value, other: 1 });
  expect(guarded.kept).toEqual(kept === undefined ? { other: 1 } : { key: kept, other: 1 });
  expect(guarded.cut).toBe(cut);
});

test('a getter that throws costs its own value only; attributes that throw cost all of them', () => {
  const attributes = Object.defineProperty({ fine: 1 }, 'hostile', { get: refuse, enumerable: true });
  expect(guard(attributes)).toEqual({ kept: { fine: 1 }, cut: 1 });
  expect(guard(hostileObject())).toEqual({ kept: {}, cut: 1 });
});

test('whatever it is given, the guard never throws and lets through only what a span can carry', () => {
  const isCarried = (value: unknown): boolean =>
    (typeof value === 'string' && value.length <= 2048) || typeof value === 'boolean' || Number.isFinite(value);
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withDate: true, withMap: true })),
      (given) => {
        for (const value of Object.values(guard(given).kept)) {
          expect(Array.isArray(value) ? value.every(isCarried) : isCarried(value)).toBe(true);
        }
      },
    ),
    { numRuns: 2000, seed: 7 },
  );
});

test('whatever a call is told, it goes on, and its span counts what was left out', () => {
  const call = callspan.startCall(INFO);
  const turn = call.startTurn(1, Number.NaN);
  const hostile = () => hostileObject() as Attributes;
  call.setAttributes(hostile());
  call.addEvent('event', hostile());
  turn.setAttributes({ 'voice.turn.critical_segment': hostileObject() as unknown as string });
  turn.committed(Number.NaN);
  turn.recordFailure(hostileObject());
  const stage = call.startSpan({ name: 'stage', stage: 'save', attributes: hostile(), startedAtMs: Number.NaN }, 1);
  stage.fail(hostileObject(), Number.POSITIVE_INFINITY);
  turn.end('completed', Number.NaN);
  call.end({ ...END, attributes: hostile(), endedAtMs: Number.NaN });
  expect(recorder.named('voice.call').attributes['callspan.attributes.cut']).toBe(5);
  expect(recorder.named('stage').attributes['error.type']).toBe('internal');
  for (const span of recorder.spans()) {
    expect([...span.startTime, ...span.endTime].every(Number.isFinite)).toBe(true);
  }
});

test('a logger and an observer that throw never break a call', () => {
  const logger = new Proxy({}, { get: () => refuse }) as Logger;
  const limits = [{ stage: 'save', warningMs: 1, criticalMs: 2 } as const];
  const loud = createCallspan({ tracer: recorder.tracer, logger, limits });
  const call = loud.startCall(INFO);
  call.observe({ stageStarted: refuse, stageEnding: refuse, turnStarted: refuse, callEnding: refuse });
  call.startTurn(1);
  call.startSpan({ name: 'stage', stage: 'save' }).end(call.clock.now() + 100);
  call.end(END);
  expect(recorder.open()).toEqual([]);
  expect(loud.tools.problems.count('observer_failed')).toBe(4);
});

test('after its end a call and its turns take nothing on, without a warning of the SDK', () => {
  const warnings: string[] = [];
  const nothing = () => undefined;
  const warn = (message: string) => void warnings.push(message);
  diag.setLogger({ error: warn, warn, info: nothing, debug: nothing, verbose: nothing });
  const call = callspan.startCall(INFO);
  const turn = call.startTurn(1);
  call.end(END);
  call.setAttributes({ late: 1 });
  call.addEvent('late');
  turn.setAttributes({ late: 1 });
  turn.recordFailure(new Error('late'));
  const spans = recorder.spans();
  expect(spans.flatMap((span) => Object.keys(span.attributes))).not.toContain('late');
  expect(spans.flatMap((span) => span.events)).toEqual([]);
  expect(warnings).toEqual([]);
  diag.disable();
});

test('a call that starts twice under one id is two calls, and both end', () => {
  callspan.startCall(INFO);
  callspan.startCall(INFO);
  callspan.endAll('shutdown', 'interrupted');
  expect(recorder.open()).toEqual([]);
  expect(callspan.openCalls).toBe(0);
});

test('a number that is used by two turns has both ended with the call', () => {
  const call = callspan.startCall(INFO);
  call.startTurn(1);
  call.startTurn(1);
  call.end(END);
  const turns = recorder.spans().filter(({ name }) => name === 'voice.turn');
  expect(turns.map(({ attributes }) => attributes['voice.turn.end_reason'])).toEqual([
    'session_closed',
    'session_closed',
  ]);
});
