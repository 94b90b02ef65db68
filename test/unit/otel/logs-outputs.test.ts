import { readLogConfig } from '../../../otel/src/logs/config.ts';
import type { LogLine } from '../../../otel/src/logs/log-line.ts';
import { openOutputs } from '../../../otel/src/logs/outputs.ts';

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
