import { SpanStatusCode } from '@opentelemetry/api';
import OpenAI from 'openai';
import { errorFacts, errorTypeOf } from '../../../otel/src/error-type.ts';
import { createCallspan } from '../../../otel/src/index.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const SAID = 'invalid input syntax for type date: "demain, Jean Dupont, 06 12 34 56 78"';

let recorder: SpanRecorder;
beforeEach(() => {
  recorder = startSpanRecorder();
});
afterEach(() => recorder.close());

function systemError(fields: object): Error {
  return Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' }, fields);
}

test.each<[string, unknown, string | undefined]>([
  ['of a database', Object.assign(new Error(SAID), { code: '22P02' }), undefined],
  [
    'of a database that numbers its errors',
    Object.assign(new Error(SAID), { code: 'ER_DUP_ENTRY', errno: 1062 }),
    undefined,
  ],
  [
    'of a provider',
    OpenAI.APIError.generate(400, { error: { message: SAID, code: 'invalid_prompt' } }, SAID, new Headers()),
    undefined,
  ],
  [
    'of somebody with a code that looks like one of the system',
    Object.assign(new Error(SAID), { code: 'EJEAN' }),
    undefined,
  ],
  ['without a code', new Error(SAID), undefined],
  ['of the system', systemError({ errno: -111 }), 'connect ECONNREFUSED 127.0.0.1:5432'],
  [
    'of a name look-up',
    systemError({ code: 'EAI_AGAIN', syscall: 'getaddrinfo' }),
    'connect ECONNREFUSED 127.0.0.1:5432',
  ],
  ['with a closed code', Object.assign(new Error('HTTP 500'), { code: 'api' }), 'HTTP 500'],
])('the message of an error %s is told only when it can quote nobody', (_, error, message) => {
  const facts = errorFacts(error);
  expect(facts.message).toBe(message);
  expect(facts.stack).toMatch(/^\s+at /);
  expect(JSON.stringify(facts).includes('Dupont')).toBe(false);
});

test('a span tells the class and the code of a foreign error and nothing that somebody said', () => {
  const failure = Object.assign(new Error(SAID), { name: 'error', code: '22P02' });
  const work = createCallspan({ tracer: recorder.tracer }).wrap({ name: 'work' }, () => {
    throw failure;
  });
  expect(work).toThrow(failure);
  const { status, events } = recorder.named('work');
  expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'internal' });
  expect(events[0]?.attributes?.['exception.type']).toBe('error');
  expect(JSON.stringify([status, events])).not.toContain('Dupont');
});

function answered(status: number): Error {
  return OpenAI.APIError.generate(status, {}, undefined, new Headers());
}

test.each<[string, unknown, string]>([
  ['too many requests', answered(429), 'rate_limit'],
  ['a time-out of the server', answered(504), 'timeout'],
  ['a request that took too long', answered(408), 'timeout'],
  ['a refusal', answered(400), 'api'],
  ['a failure of the server', answered(500), 'api'],
  ['a barge-in', new OpenAI.APIUserAbortError(), 'cancelled'],
  ['no answer in time', new OpenAI.APIConnectionTimeoutError(), 'timeout'],
  ['no connection', new OpenAI.APIConnectionError({ message: 'Connection error.' }), 'api'],
  ['a status that is no failure', Object.assign(new Error('odd'), { status: 200 }), 'internal'],
  ['a status that is no number', Object.assign(new Error('odd'), { status: '429' }), 'internal'],
  ['a name that every object knows', { name: 'constructor' }, 'internal'],
  ['an aborted signal', new DOMException('x', 'AbortError'), 'cancelled'],
  ['a signal of time', new DOMException('x', 'TimeoutError'), 'timeout'],
  ['a name before a status', Object.assign(new SyntaxError('x'), { status: 400 }), 'parsing'],
  ['a closed code before a status', Object.assign(new Error('x'), { code: 'model', status: 429 }), 'model'],
])('%s has its closed kind, as the openai package throws it', (_, error, kind) => {
  expect(errorTypeOf(error)).toBe(kind);
});

test('a barge-in that the openai package throws is an outcome and no error', async () => {
  const callspan = createCallspan({ tracer: recorder.tracer });
  const failure = new OpenAI.APIUserAbortError();
  await expect(callspan.model({ name: 'work' }, () => Promise.reject(failure))).rejects.toBe(failure);
  expect(recorder.named('work').status.code).toBe(SpanStatusCode.UNSET);
  expect(recorder.named('work').attributes['error.type']).toBe('cancelled');
});
