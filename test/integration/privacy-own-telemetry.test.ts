import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRawReceiver } from '../helpers/raw-receiver.ts';

let otlp: string;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-talkative-'));
  const receiver = await startRawReceiver();
  const args = ['--conditions=source', '--require', './otel/register.cjs', 'test/fixtures/apps/talkative-app.cjs'];
  const env = { PATH: process.env.PATH, CALLSPAN_DATA_DIR: folder, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const run = async () => {
    const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
    expect(await once(child, 'exit')).toEqual([0, null]);
  };
  try {
    await run();
    // What the first has left on disk is sent by the next.
    await run();
    otlp = ['/v1/traces', '/v1/logs', '/v1/metrics'].flatMap((path) => receiver.bodies(path)).join('\n');
  } finally {
    receiver.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test.each([
  ...['own.counter', 'own.updown', 'own.histogram', 'own.gauge', 'own.observed', 'own.batched'],
  ...['a line of console', 'a line of winston', 'the model said', 'own.span'],
])('what an application says itself arrives: %s', (said) => {
  expect(otlp).toContain(said);
});

test('nothing of it says who somebody is, or what an error quotes', () => {
  expect(otlp.match(/.{0,80}(?:planted|33639981277).{0,40}/gi) ?? []).toEqual([]);
});

test('an observer that was taken off observes no more', () => {
  expect(otlp).not.toContain('own.gone');
});
