import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs the example's small call under one of its preloads, or the kit's; what it wrote. */
async function run(preload: string): Promise<string> {
  const env = {
    PATH: process.env.PATH ?? '',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_METRICS_EXPORTER: 'none',
    CALLSPAN_SPOOL: 'off',
    NODE_ENV: 'production',
  };
  const args = ['--conditions=source', '--require', preload, 'examples/own-parts/measure-listener.ts'];
  const { stdout, stderr } = await execute(process.execPath, args, { env });
  expect(stderr).toBe('');
  return stdout;
}

test('a measure listener of one hears of each stage, and the statistics have them', async () => {
  const lines = (await run('callspan/preload')).trim().split('\n');
  expect(lines.filter((line) => !line.startsWith('{'))).toEqual([
    expect.stringMatching(/^CA-example: reply by openai, chat gpt-6-luna: success after (3[5-9]|[4-9]\d|\d{3,}) ms$/),
    'slowest: reply, 2 measures kept',
  ]);
});

test('a span processor of one sees the spans', async () => {
  expect(await run('./examples/own-parts/span-processor.cjs')).toMatch(
    /^chat gpt-6-luna took \d+ ms, trace [0-9a-f]{32}$/m,
  );
});

test('a metric reader of one reads the metrics', async () => {
  const output = await run('./examples/own-parts/metric-reader.cjs');
  expect(output).toContain("name: 'gen_ai.client.operation.duration'");
  expect(output).toContain("name: 'voice.call.count'");
});
