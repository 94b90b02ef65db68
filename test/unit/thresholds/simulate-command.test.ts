import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulateCommand } from '../../../thresholds/simulate.ts';

/** Stands for promtool: tells for two minutes what the text says. */
function writeTool(folder: string, minutes: readonly string[]): string {
  const path = join(folder, 'promtool');
  const lines = minutes.map(
    (got, minute) => `expr: "ALERTS", time: ${minute}m,\n        exp: nil\n        got: ${got}`,
  );
  writeFileSync(path, `#!/bin/sh\ncat <<'TOLD'\n${lines.join('\n')}\nTOLD\nexit 1\n`, { mode: 0o755 });
  return path;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-simulate-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(...args: readonly string[]) {
  const lines: string[] = [];
  const code = await simulateCommand.run(args, { env: {}, print: (line) => lines.push(line) });
  return { code, lines };
}

test.each([
  [['--days', 'x'], /--days is x; expected a whole number from 1 on/],
  [['--days', '0'], /--days is 0/],
  [['--seed', '-1'], /--seed/],
  [['--scenario', 'noon'], /no scenario noon: choose from healthy-day, slow-provider, outage, quiet-night/],
  [['--nonsense'], /--nonsense/],
  [['--scenario', 'quiet-night', '--promtool', '/nowhere/promtool'], /\/nowhere\/promtool cannot be run/],
])('%j is refused with its reason', async (args, reason) => {
  await expect(run(...args)).rejects.toThrow(reason);
  await expect(run(...args)).rejects.toMatchObject({ name: 'UsageError' });
});

const LIFE = '{alertname="Watchdog", severity="none"} 1E+00';

test('a night in which nothing but the sign of life fires ends with 0', async () => {
  const promtool = writeTool(folder, [LIFE, LIFE]);
  const { code, lines } = await run('--scenario', 'quiet-night', '--promtool', promtool);
  expect(code).toBe(0);
  expect(lines.join('\n')).toContain('no alarm; 0 of 0 expected alarms fired, 0 false');
});

test('a false alarm is marked with its minutes and ends with 1', async () => {
  const alarm = '{alertname="CallspanMemoryHigh", service_name="bot", severity="warning"} 1E+00';
  const promtool = writeTool(folder, [LIFE, `${LIFE}, ${alarm}`, `${LIFE}, ${alarm}`]);
  const { code, lines } = await run('--scenario', 'quiet-night', '--promtool', promtool);
  expect(code).toBe(1);
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}00:01-00:02 {2}CallspanMemoryHigh +warning bot {2}FALSE$/));
});

test('an expected alarm that does not fire is told and ends with 1', async () => {
  const { code, lines } = await run('--scenario', 'outage', '--promtool', writeTool(folder, [LIFE]));
  expect(code).toBe(1);
  expect(lines).toContainEqual(expect.stringMatching(/MISSED +CallspanServiceGone +bot/));
  expect(lines.join('\n')).toMatch(/0 of \d+ expected alarms fired, 0 false/);
});

test('a tool that evaluates nothing is no quiet night', async () => {
  const promtool = writeTool(folder, []);
  await expect(run('--scenario', 'quiet-night', '--promtool', promtool)).rejects.toThrow('told nothing of the rules');
});

test('JSON is one line a day', async () => {
  const args = ['--scenario', 'quiet-night', '--days', '2', '--json', '--promtool', writeTool(folder, [LIFE])];
  const { lines } = await run(...args);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { scenario: 'quiet-night', seed: 1, expected: 0, false: 0, alarms: [] },
    { scenario: 'quiet-night', seed: 2, expected: 0, false: 0, alarms: [] },
  ]);
});
