import { createDiagLines } from '../../../otel/src/logs/diag-lines.ts';

let lines: string[];
let nowMs: number;
const open = () =>
  createDiagLines({
    write: (line) => lines.push(line),
    redact: (text) => text.replace('0612345678', '<phone>'),
    now: () => nowMs,
  });
beforeEach(() => {
  lines = [];
  nowMs = 0;
});

test.each([
  [['it failed', new Error('refused\n  by the server')], 'callspan: it failed refused by the server'],
  [[JSON.stringify({ stack: 'Error: gone\n at x', message: 'gone', name: 'Error' })], 'callspan: gone'],
  [['Error: gone\n    at start (/app/a.js:1:2)\n    at node:internal/main:3'], 'callspan: Error: gone'],
  [['{not json'], 'callspan: {not json'],
  [['callspan spool: waits'], 'callspan spool: waits'],
  [['some', 3, { a: 1 }], 'callspan: some 3 {"a":1}'],
  [['of 0612345678'], 'callspan: of <phone>'],
])('%j is one line that can be read', ([message, ...values], line) => {
  open().warn(message as string, ...values);
  expect(lines).toEqual([line]);
});

test('the same line comes once a minute, and then says how often it came', () => {
  const diag = open();
  for (let time = 0; time < 3; time += 1) diag.error('the receiver is away');
  diag.error('something else');
  expect(lines).toEqual(['callspan: the receiver is away', 'callspan: something else']);
  nowMs = 60_000;
  diag.error('the receiver is away');
  nowMs = 120_000;
  diag.error('the receiver is away');
  expect(lines.slice(2)).toEqual(['callspan: the receiver is away (3 times)', 'callspan: the receiver is away']);
});

test('a value that cannot be shown costs no line', () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  open().warn('circular', circular);
  expect(lines).toEqual(['callspan: circular object']);
});

test('a second SDK in the process is one line that says what it means, not one for each part of the API', () => {
  const diag = open();
  for (const part of ['context', 'propagation', 'metrics', 'trace'])
    diag.error(
      `Error: @opentelemetry/api: Attempted duplicate registration of API: ${part}\n    at set (/app/a.js:1:2)`,
    );
  expect(lines).toEqual([expect.stringContaining('two OpenTelemetry SDKs were started in this process')]);
});
