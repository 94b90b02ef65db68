import { LogEvent } from '../../../otel/src/conventions/index.ts';
import type { LogLine } from '../../../otel/src/logs/log-line.ts';
import { showJson, showText } from '../../../otel/src/logs/plain-text.ts';
import { formatForTerminal, signOf } from '../../../otel/src/logs/terminal-format.ts';

const line = (parts: Partial<LogLine> = {}): LogLine => ({
  level: 'info',
  timeMs: new Date(2026, 10, 21, 4, 40, 44).getTime(),
  context: 'Bootstrap',
  message: 'message',
  event: undefined,
  error: undefined,
  call: {},
  span: undefined,
  fields: {},
  ...parts,
});
const plain = (parts?: Partial<LogLine>) => formatForTerminal(line(parts), { colour: false, service: 'bot' });

/** Without control characters (Cc), those that turn the direction of text (Cf) and separators of lines (Zl, Zp). */
const withoutActing = (text: string) => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');

test('a line has time, service, level, context and message', () => {
  expect(plain()).toBe('04:40:44 [BOT] info [Bootstrap] message\n');
});

test('the context may be missing', () => {
  expect(plain({ context: undefined })).toBe('04:40:44 [BOT] info message\n');
});

test('an event of the contract has the sign of its kind, any other none', () => {
  expect(plain({ event: LogEvent.callStarted })).toBe('04:40:44 [BOT] info [Bootstrap] > message\n');
  expect(plain({ event: 'toString' })).toBe('04:40:44 [BOT] info [Bootstrap] message\n');
});

test('every event that is told has a sign of one plain character, but content, which is never shown', () => {
  const content: string[] = [LogEvent.transcript, LogEvent.prompt, LogEvent.reply, LogEvent.extraction];
  const told = Object.values(LogEvent).filter((event) => !content.includes(event) && event !== LogEvent.envelope);
  expect(told.filter((event) => !/^[!-~]$/.test(signOf(event) ?? ''))).toEqual([]);
});

test('fields are readable, the call stands once and the stream not at all', () => {
  const call = {
    'gen_ai.conversation.id': 'CA1',
    'twilio.call.sid': 'CA1',
    'twilio.stream.sid': 'MZ1',
    'voice.turn.index': 2,
  };
  const fields = { route: '/voice', text: 'two words', list: [1, 2] };
  expect(plain({ call, fields })).toBe(
    '04:40:44 [BOT] info [Bootstrap] message route=/voice text="two words" list=[1,2] call=CA1 turn=2\n',
  );
});

test('what the message of an event tells already is not shown again', () => {
  const request = { method: 'POST', route: '/voice', status: 200, durationMs: 26.123456 };
  expect(plain({ event: LogEvent.httpRequest, message: 'POST /voice 200', fields: request })).toBe(
    '04:40:44 [BOT] info [Bootstrap] - POST /voice 200 durationMs=26.123\n',
  );
  expect(plain({ fields: request })).toContain('method=POST route=/voice status=200');
});

test('an error is told by its class and place', () => {
  const error = { type: 'TypeError', stack: '    at speak (bot.ts:3:1)\n    at next (bot.ts:4:1)' };
  expect(plain({ level: 'error', error })).toBe(
    '04:40:44 [BOT] error [Bootstrap] message error=TypeError at="speak (bot.ts:3:1)"\n',
  );
});

test.each([
  ['debug', 34],
  ['info', 32],
  ['warn', 33],
  ['error', 31],
] as const)('level %s has its colour', (level, code) => {
  const text = formatForTerminal(line({ level }), { colour: true, service: 'bot' });
  expect(text).toContain(`\u001b[${code}m${level}\u001b[39m`);
});

test('services have different badges', () => {
  const colourOf = (service: string) => {
    const text = formatForTerminal(line(), { colour: true, service });
    return text.slice(0, text.indexOf(`[${service.toUpperCase()}]`)).slice(-5);
  };
  expect(new Set(['bot', 'records', 'viewer', 'caller', 'openai'].map(colourOf)).size).toBeGreaterThan(3);
});

test('nothing in a line acts on the terminal, and a line stays one line', () => {
  const evil = 'a\r\n04:40:44 [BOT] info forged\u001b[2J\u009b1m\u202egpj\u2066\u2028\u0007';
  const text = plain({ message: evil, context: evil, fields: { [evil]: evil }, call: { 'twilio.call.sid': evil } });
  expect(text.slice(0, -1)).toBe(withoutActing(text));
  expect(text).toContain('\\u001b[2J');
});

test('a JSON line in which nothing acts on the terminal means the same', () => {
  const value = { msg: 'a\r\n\u001b[2J\u009b1m\u202egpj\u2028\u007f é ☎' };
  const shown = showJson(`${JSON.stringify(value)}\n`);
  expect(shown.slice(0, -1)).toBe(withoutActing(shown));
  expect(JSON.parse(shown)).toEqual(value);
});

test('text in any script is shown as it is', () => {
  expect(showText('Où est-ce ? 東京 عربي')).toBe('Où est-ce ? 東京 عربي');
});

test('a huge value makes no huge line', () => {
  expect(plain({ message: 'm'.repeat(100_000), fields: { a: 'x'.repeat(100_000) } }).length).toBeLessThan(5000);
});
