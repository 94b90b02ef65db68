import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Callspan, createCallspan, toolStage } from '../../../otel/src/index.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

// Node strips types and knows no decorators: the fixture is compiled as its users would compile theirs.
type Fixture = typeof import('../../fixtures/decorator/crm.mts');

const folder = mkdtempSync(join(tmpdir(), 'callspan-decorator-'));
let fixture: Fixture;
let recorder: SpanRecorder;
let callspan: Callspan;

beforeAll(async () => {
  const project = 'test/fixtures/decorator/tsconfig.json';
  const compiled = spawnSync('node_modules/.bin/tsc', ['--project', project, '--outDir', folder], { encoding: 'utf8' });
  expect(compiled.stdout).toBe('');
  const file = join(folder, 'test/fixtures/decorator/crm.mjs');
  fixture = (await import(pathToFileURL(file).href)) as Fixture;
});
beforeEach(() => {
  recorder = startSpanRecorder();
  callspan = createCallspan({ tracer: recorder.tracer });
});
afterEach(() => recorder.close());
afterAll(() => rmSync(folder, { recursive: true }));

const stage = (name: string) => toolStage({ name });

test('a decorated method keeps its this, its private fields, its name and its result', async () => {
  const Crm = fixture.createCrm(callspan, stage);
  const crm = new Crm();
  const day = new Date(0);
  expect(crm.find('CA1')).toEqual({ name: 'Jean' });
  expect(await crm.book('CA1', day)).toBe(day);
  expect(Crm.version()).toBe('Crm');
  expect(crm.find.name).toBe('find');
  expect(Object.keys(crm)).toEqual([]);
  expect(recorder.spans().map((span) => span.name)).toEqual([
    'execute_tool find_customer',
    'execute_tool find_customer',
    'execute_tool book_visit',
    'execute_tool static_call',
  ]);
});

test('decorated methods lie in the call that their arguments name, one below the other', async () => {
  const call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
  call.startTurn(2);
  const crm = new (fixture.createCrm(callspan, stage))();
  await crm.book('CA1', new Date(0));
  call.end({ reason: 'bot_hangup', outcome: 'saved' });
  const book = recorder.named('execute_tool book_visit');
  expect(book.attributes).toMatchObject({ 'gen_ai.conversation.id': 'CA1', 'voice.turn.index': 2 });
  expect(recorder.named('execute_tool find_customer').parentSpanContext?.spanId).toBe(book.spanContext().spanId);
});

test('a decorated method throws what it threw, and its stream is a stream', async () => {
  const crm = new (fixture.createCrm(callspan, stage))();
  await expect(crm.book('CA2', new Date(0))).rejects.toThrow(RangeError);
  const reason = new DOMException('hung up', 'AbortError');
  await expect(crm.book('CA1', new Date(0), AbortSignal.abort(reason))).rejects.toBe(reason);
  const sizes: number[] = [];
  for await (const size of crm.visits()) sizes.push(size);
  expect(sizes).toEqual([1]);
  const ended = recorder.spans().map((span) => [span.name, span.attributes['error.type']]);
  expect(ended).toContainEqual(['execute_tool book_visit', 'internal']);
  expect(ended).toContainEqual(['execute_tool book_visit', 'cancelled']);
  expect(ended).toContainEqual(['execute_tool list_visits', undefined]);
});

test('what is no method cannot be decorated, and the class says so when it is defined', () => {
  expect(() => fixture.decorateField(callspan)).toThrow(/measured\(\) decorates methods/);
});
