import { readLogConfig } from '../../../otel/src/logs/config.ts';
import { isLogged, parseLogLevels } from '../../../otel/src/logs/log-levels.ts';

const terminal = { isTTY: true };
const pipe = { isTTY: undefined };

test('each component logs from its own level, in any case, and all others from the first', () => {
  const levelOf = parseLogLevels('warn, Exporter=debug,quiet=silent', 'info');
  expect(['exporter', 'EXPORTER', 'Bot', '', 'quiet'].map(levelOf)).toEqual([
    'debug',
    'debug',
    'warn',
    'warn',
    'silent',
  ]);
});

test.each([
  ['debug', 'info', false],
  ['info', 'info', true],
  ['error', 'warn', true],
  ['error', 'silent', false],
] as const)('a line of level %s at threshold %s: %s', (level, threshold, expected) => {
  expect(isLogged(level, threshold)).toBe(expected);
});

test.each(['loud', 'info,exporter=loud', '=debug', 'info,exporter='])(
  'LOG_LEVEL=%s is refused with the levels that there are',
  (text) => {
    expect(() => readLogConfig({ LOG_LEVEL: text }, pipe)).toThrow(/LOG_LEVEL.*debug, info, warn, error, silent/);
  },
);

test('development logs from debug, production from info', () => {
  expect(readLogConfig({}, pipe).levelOf('')).toBe('debug');
  expect(readLogConfig({ NODE_ENV: 'production' }, pipe).levelOf('')).toBe('info');
  expect(readLogConfig({ NODE_ENV: 'production', LOG_LEVEL: 'debug' }, pipe).levelOf('')).toBe('debug');
});

test.each<[string, NodeJS.ProcessEnv, object, string]>([
  ['a terminal', {}, terminal, 'pretty'],
  ['no terminal', {}, pipe, 'json'],
  ['a terminal in production', { NODE_ENV: 'production' }, terminal, 'json'],
  ['colours that are forced', { FORCE_COLOR: '1' }, pipe, 'pretty'],
  ['colours that are forced in production', { FORCE_COLOR: '1', NODE_ENV: 'production' }, pipe, 'json'],
  ['LOG_FORMAT=json in a terminal', { LOG_FORMAT: 'json' }, terminal, 'json'],
  ['LOG_FORMAT=pretty in production', { LOG_FORMAT: 'pretty', NODE_ENV: 'production' }, pipe, 'pretty'],
  ['LOG_CONSOLE=off', { LOG_CONSOLE: 'off' }, terminal, 'off'],
])('the console with %s', (_, env, stdout, expected) => {
  expect(readLogConfig(env, stdout).console).toBe(expected);
});

test.each<[string, NodeJS.ProcessEnv, object, boolean]>([
  ['a terminal', {}, terminal, true],
  ['no terminal', {}, pipe, false],
  ['NO_COLOR in a terminal', { NO_COLOR: '1' }, terminal, false],
  ['an empty NO_COLOR', { NO_COLOR: '' }, terminal, true],
  ['FORCE_COLOR without a terminal', { FORCE_COLOR: '1' }, pipe, true],
  ['FORCE_COLOR over NO_COLOR', { FORCE_COLOR: '1', NO_COLOR: '1' }, terminal, true],
  ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, terminal, false],
  ['a dumb terminal', { TERM: 'dumb' }, terminal, false],
])('colours with %s', (_, env, stdout, expected) => {
  expect(readLogConfig(env, stdout).colour).toBe(expected);
});

test.each([
  [{ LOG_FORMAT: 'xml' }, 'LOG_FORMAT is "xml"; expected pretty or json'],
  [{ LOG_CONSOLE: 'maybe' }, 'LOG_CONSOLE is "maybe"; expected on or off'],
])('a value that means nothing is refused: %j', (env, message) => {
  expect(() => readLogConfig(env, pipe)).toThrow(message);
});

test("a service's files are in its own folder, whatever it is called, and without LOG_DIR there are none", () => {
  expect(readLogConfig({ LOG_DIR: '/logs/', OTEL_SERVICE_NAME: 'bot' }, pipe).folder).toBe('/logs/bot');
  expect(readLogConfig({ LOG_DIR: '/logs', OTEL_SERVICE_NAME: '../../etc' }, pipe).folder).toBe('/logs/__.._etc');
  expect(readLogConfig({ LOG_DIR: '/logs', OTEL_SERVICE_NAME: '..' }, pipe).folder).toBe('/logs/_');
  expect(readLogConfig({ LOG_DIR: '' }, pipe).folder).toBeUndefined();
});
