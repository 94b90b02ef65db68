import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProblems } from '../../../otel/src/logs/problems.ts';
import type { Measure } from '../../../otel/src/measures/measure.ts';
import { openMeasuresFile } from '../../../otel/src/measures/measures-file.ts';

let folder: string;
let path: string;
let problems: ReturnType<typeof createProblems>;
let told: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-measures-'));
  path = join(folder, 'bot', 'measures.jsonl');
  told = [];
  problems = createProblems((record) => void told.push(record.body));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const MEASURE: Measure = {
  stage: 'extraction',
  name: 'chat gpt-6-luna',
  durationMs: 12.3456789,
  status: 'error',
  timestampMs: 1_790_000_000_123,
  callSid: 'CA1',
  streamSid: 'MZ1',
  turnIndex: 2,
  traceId: 'ab'.repeat(16),
  provider: 'openai',
  model: 'gpt-6-luna',
  errorType: 'parsing',
};
const KEYS = [
  'operation_type',
  'operation_name',
  'latency_ms',
  'status',
  'timestamp',
  'call_sid',
  'stream_sid',
  'provider',
  'error_message',
  'metadata',
];
const linesIn = (file: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('a line is one JSON object with exactly ten keys, null where there is nothing', () => {
  const { listener, flush } = openMeasuresFile({ path }, problems);
  listener(MEASURE);
  listener({ stage: 'save', name: 'save', durationMs: 0, status: 'success', timestampMs: 0 });
  listener({ ...MEASURE, errorMessage: 'line one\nline two' });
  flush();
  const lines = linesIn(path);
  expect(lines.map((line) => Object.keys(line))).toEqual([KEYS, KEYS, KEYS]);
  expect(lines[0]).toEqual({
    operation_type: 'extraction',
    operation_name: 'chat gpt-6-luna',
    latency_ms: 12.346,
    status: 'error',
    timestamp: '2026-09-21T14:13:20.123Z',
    call_sid: 'CA1',
    stream_sid: 'MZ1',
    provider: 'openai',
    error_message: 'parsing',
    metadata: { turn_index: 2, model: 'gpt-6-luna', trace_id: 'ab'.repeat(16), error_type: 'parsing' },
  });
  expect(lines[1]).toMatchObject({
    call_sid: null,
    stream_sid: null,
    provider: null,
    error_message: null,
    metadata: {},
  });
  expect(lines[2]?.error_message).toBe('line one\nline two');
});

test('a line is on disk a moment later, without anybody asking', async () => {
  openMeasuresFile({ path }, problems).listener(MEASURE);
  for (;;) {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > 0) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(linesIn(path)).toHaveLength(1);
});

test('at its limit a new file is begun, five full ones stay, no line is cut in two', () => {
  const { listener, flush } = openMeasuresFile({ path, maxBytes: 1000 }, problems);
  for (let index = 0; index < 40; index += 1) {
    listener({ ...MEASURE, turnIndex: index });
    flush();
  }
  const names = ['measures.1.jsonl', 'measures.2.jsonl', 'measures.3.jsonl', 'measures.4.jsonl', 'measures.5.jsonl'];
  expect(readdirSync(join(folder, 'bot')).sort()).toEqual([...names, 'measures.jsonl']);
  const kept = [...names.toReversed(), 'measures.jsonl'].flatMap((name) => linesIn(join(folder, 'bot', name)));
  const turns = kept.map((line) => (line.metadata as { turn_index: number }).turn_index);
  expect(turns).toEqual(Array.from({ length: turns.length }, (_, index) => 40 - turns.length + index));
  expect(turns.length).toBeGreaterThan(10);
  expect(names.filter((name) => statSync(join(folder, 'bot', name)).size > 1000)).toEqual([]);
});

test('what is there already is written on, and counts', () => {
  mkdirSync(join(folder, 'bot'));
  writeFileSync(path, `${'x'.repeat(990)}\n`);
  const { listener, flush } = openMeasuresFile({ path, maxBytes: 1000 }, problems);
  listener(MEASURE);
  flush();
  expect(linesIn(path)).toHaveLength(1);
});

test('a file that cannot be written costs its lines alone: counted, told once, written again when it can be', () => {
  writeFileSync(join(folder, 'bot'), 'a file where a folder should be');
  const { listener, flush } = openMeasuresFile({ path, warn() {} }, problems);
  for (let index = 0; index < 3; index += 1) listener(MEASURE);
  flush();
  listener(MEASURE);
  flush();
  expect(problems.count('measures_unwritten')).toBe(4);
  expect(told).toEqual(['measures_unwritten']);
  rmSync(join(folder, 'bot'));
  listener(MEASURE);
  flush();
  expect(linesIn(path)).toHaveLength(1);
});

test('a file that cannot be written is told on stderr with its path and why, once a minute with how many were lost', () => {
  writeFileSync(join(folder, 'bot'), 'a file where a folder should be');
  let nowMs = 0;
  const lines: string[] = [];
  const options = { path, warn: (line: string) => void lines.push(line), now: () => nowMs };
  const { listener, flush } = openMeasuresFile(options, problems);
  for (; nowMs < 90_000; nowMs += 30_000) {
    listener(MEASURE);
    flush();
  }
  expect(lines).toEqual([
    `callspan: 1 measure could not be written to ${path}: EEXIST\n`,
    `callspan: 2 measures could not be written to ${path}: EEXIST\n`,
  ]);
});
