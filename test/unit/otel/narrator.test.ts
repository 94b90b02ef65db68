import { ROOT_CONTEXT } from '@opentelemetry/api';
import type { OpenStage } from '../../../otel/src/call/observer.ts';
import { createCallspan } from '../../../otel/src/callspan.ts';
import type { KitRecord } from '../../../otel/src/logs/kit-log.ts';
import { narrateCall } from '../../../otel/src/logs/narrator.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

let recorder: SpanRecorder;
beforeEach(() => {
  recorder = startSpanRecorder();
});
afterEach(() => recorder.close());

const stage = (name: OpenStage['stage'], startedAtMs = 1000): OpenStage => ({
  name,
  stage: name,
  turnIndex: 1,
  provider: undefined,
  model: undefined,
  startedAtMs,
  span: recorder.tracer.startSpan(name),
  context: ROOT_CONTEXT,
});

test('each step of a call is one line, with how long it took', () => {
  const records: KitRecord[] = [];
  const narrator = narrateCall((record) => records.push(record), ROOT_CONTEXT);
  const transcription = stage('transcription');
  narrator.stageStarted?.(transcription);
  narrator.stageEnding?.(transcription, 1140, undefined);
  expect(records.map(({ event, severity, body }) => [event, severity, body])).toEqual([
    ['transcription.started', 'info', 'transcription started'],
    ['transcription.received', 'info', 'transcription received'],
  ]);
  expect(records[1]?.attributes).toEqual({ duration_ms: 140 });
});

test('a step that failed says its kind as a warning, one that was given up does not warn', () => {
  const records: KitRecord[] = [];
  const narrator = narrateCall((record) => records.push(record), ROOT_CONTEXT);
  narrator.stageEnding?.(stage('reply'), 4000, 'timeout');
  narrator.stageEnding?.(stage('reply'), 4000, 'cancelled');
  expect(records.map(({ severity, body }) => [severity, body])).toEqual([
    ['warn', 'reply ended: timeout'],
    ['info', 'reply ended: cancelled'],
  ]);
});

test('at the end one line tells the waits and the stages of the whole call', () => {
  const records: KitRecord[] = [];
  const narrator = narrateCall((record) => records.push(record), ROOT_CONTEXT);
  for (const endedAtMs of [1900, 2100, 1950]) narrator.stageEnding?.(stage('response_gap'), endedAtMs, undefined);
  narrator.stageEnding?.(stage('save'), 1080, undefined);
  narrator.callEnding?.(9000);
  expect(records.at(-1)).toMatchObject({
    event: 'call.performance',
    body: 'wait 3 times, median 950 ms, worst 1100 ms; save 80 ms',
    attributes: { response_gap_ms: [900, 1100, 950], save_ms: [80] },
  });
});

test('a call of the kit is narrated', () => {
  const lines: string[] = [];
  const info = (message: string) => void lines.push(message);
  const logger = { debug: info, info, warn: info, error: info };
  const call = createCallspan({ tracer: recorder.tracer, logger }).startCall({
    callSid: 'CA1',
    streamSid: 'MZ1',
    accountSid: 'AC1',
  });
  call.startSpan({ name: 'chat gpt', stage: 'reply' }).end();
  call.end({ reason: 'bot_hangup', outcome: 'saved' });
  expect(lines).toEqual(['reply started', 'reply finished', expect.stringMatching(/^reply \d+ ms$/)]);
});
