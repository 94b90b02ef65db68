import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'callspan-exit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a process that handles SIGTERM by ending at once leaves its open call, ended, and its last words on the disk', async () => {
  const args = ['--conditions=source', '--require', './otel/preload.cjs', 'test/fixtures/apps/exiting-app.ts'];
  const env = {
    PATH: process.env.PATH,
    CALLSPAN_SPOOL_DIR: folder,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended]);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  const traces = stored('.traces');
  expect(traces).toContain('"name":"voice.call"');
  expect(traces).toContain('"stringValue":"shutdown"');
  const words = new Set(stored('.logs').match(/last word \d+/g));
  expect(words.size).toBe(300);
});

function stored(ending: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
}
