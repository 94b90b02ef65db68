import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { readLogConfig } from '../../../otel/src/logs/config.ts';
import type { LogLine } from '../../../otel/src/logs/log-line.ts';
import { createConsoleTarget, openOutputs } from '../../../otel/src/logs/outputs.ts';

const { jest } = import.meta;

const line: LogLine = {
  level: 'error',
  timeMs: 0,
  context: 'Test',
  message: 'message',
  event: undefined,
  error: undefined,
  call: {},
  span: undefined,
  fields: {},
};

test('what files lose is said once a minute for each file, with how many lines it was', () => {
  const said: string[] = [];
  const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  let nowMs = 0;
  const outputs = openOutputs(
    readLogConfig({ LOG_DIR: '/dev/null', LOG_CONSOLE: 'off', OTEL_SERVICE_NAME: 'bot' }, {}),
    () => nowMs,
  );
  for (nowMs of [0, 1000, 59_000, 60_000]) {
    outputs.write(line, '{}\n');
    outputs.flush();
  }
  stderr.mockRestore();
  const messages = said.map((text) => (JSON.parse(text) as { msg: string }).msg);
  expect(messages).toEqual([
    '1 log lines could not be written to /dev/null/bot/combined.log: ENOTDIR',
    '1 log lines could not be written to /dev/null/bot/error.log: ENOTDIR',
    '4 log lines could not be written to /dev/null/bot/combined.log: ENOTDIR',
    '4 log lines could not be written to /dev/null/bot/error.log: ENOTDIR',
  ]);
});

const failure = (code: string) => Object.assign(new Error(code), { code });

test('a console that could not be written to is tried again a second later', () => {
  let nowMs = 0;
  const console = createConsoleTarget(() => nowMs);
  expect(console.open(1)).toBe(1);
  for (const code of ['ENOSPC', 'EFBIG', 'EAGAIN']) {
    const error = failure(code);
    console.failed(error);
    expect(() => console.open(1)).toThrow(error);
    // The lines of that second fail by the same, which does not prolong it.
    console.failed(error);
    nowMs += 1000;
    expect(console.open(1)).toBe(1);
  }
});

test.each(['EPIPE', 'EBADF'])('a console that nobody reads any more is given up for good: %s', (code) => {
  let nowMs = 0;
  const console = createConsoleTarget(() => nowMs);
  console.failed(failure(code));
  nowMs = 1e9;
  expect(() => console.open(1)).toThrow(code);
});

test('what the console loses is said on stderr', async () => {
  const script = "import { createLogger } from 'callspan'; createLogger({ context: 'Test' }).info('lost');";
  const args = ['--conditions=source', '--input-type=module', '--eval', script];
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, args, { stdio: ['ignore', full, 'pipe'], env: { LOG_FORMAT: 'json' } });
  closeSync(full);
  const [told, [status]] = await Promise.all([text(child.stderr as Readable), once(child, 'close')]);
  expect(JSON.parse(told)).toMatchObject({ msg: '1 log lines could not be written to the console: ENOSPC' });
  expect(status).toBe(0);
});

test('a console and a stderr that are both full end no process', async () => {
  const script = "import { createLogger } from 'callspan'; createLogger({ context: 'Test' }).info('lost');";
  // It lives until stderr has failed, and everybody was told.
  const late = `
    const { stderr } = process;
    const { write } = stderr;
    stderr.write = (said, done) => write.call(stderr, said, (error) => {
      done(error);
      setImmediate(() => process.exit(7));
    });
    setInterval(() => undefined, 1000);`;
  const args = ['--conditions=source', '--input-type=module', '--eval', script + late];
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, args, { stdio: ['ignore', full, full], env: { LOG_FORMAT: 'json' } });
  closeSync(full);
  expect(await once(child, 'close')).toEqual([7, null]);
});
