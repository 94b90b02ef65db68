import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'callspan-exit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a process that handles SIGTERM by ending at once leaves its open call, ended, on the disk', async () => {
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
  const stored = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.traces'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
  expect(stored).toContain('"name":"voice.call"');
  expect(stored).toContain('"stringValue":"shutdown"');
});
