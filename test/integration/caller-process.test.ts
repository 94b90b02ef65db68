import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FAULT_NAMES } from '../../services/caller/domain/faults/catalogue.ts';
import { ACCOUNT, startTestCaller } from '../helpers/caller.ts';
import { startScriptedBot } from '../helpers/scripted-bot.ts';

const SECRETS = { TWILIO_ACCOUNT_SID: ACCOUNT.accountSid, TWILIO_AUTH_TOKEN: ACCOUNT.authToken };
const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function run(file: string, args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, ['--conditions=source', `services/caller/${file}`, ...args], {
    env: { PATH: process.env.PATH ?? '', CALLSPAN_DATA_DIR: '/nonexistent', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (text) => {
    output.stdout += text;
  });
  child.stderr?.on('data', (text) => {
    output.stderr += text;
  });
  const exit = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  const ready = new Promise<{ type: string; url: string }>((resolve) => {
    child.on('message', (message) => resolve(message as { type: string; url: string }));
  });
  return { child, output, exit, ready };
}

async function occupy(): Promise<{ port: string; close(): void }> {
  const server = createServer((_request, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { port: String((server.address() as AddressInfo).port), close: () => server.close() };
}

test('the process says when it is ready, serves, and ends with 0 on SIGTERM in the middle of a call', async () => {
  const bot = await startScriptedBot({});
  const { child, exit, ready } = run('main.ts', [], { ...SECRETS, TWILIO_SIM_PORT: '0' });
  const { type, url } = await ready;
  expect(type).toBe('ready');
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  await fetch(`${url}/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ script: 'silent-caller', webhook: `${bot.url}/voice` }),
  });
  await bot.until(() => bot.streams.length > 0);
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
  await bot.close();
});

test('a port in use and a missing token end the process with one line that names the variable', async () => {
  const { port, close } = await occupy();
  const taken = run('main.ts', [], { ...SECRETS, TWILIO_SIM_PORT: port });
  const missing = run('main.ts', [], { TWILIO_SIM_PORT: '0' });
  expect([await taken.exit, await missing.exit]).toEqual([1, 1]);
  expect(taken.output.stderr).toBe(`caller: port ${port} is in use: stop what holds it, or set TWILIO_SIM_PORT\n`);
  expect(missing.output.stderr).toMatch(/^caller: TWILIO_ACCOUNT_SID is not set .*\n$/);
  close();
});

test('the command tells the dialogue as it goes, through the line that runs', async () => {
  const caller = await startTestCaller();
  const bot = await startScriptedBot({ replies: ['Bonjour.', 'Où ?', 'Exact ?', 'Noté.'] });
  const port = new URL(caller.url).port;
  const { exit, output } = run('cli.ts', ['--webhook', `${bot.url}/voice`], { TWILIO_SIM_PORT: port });
  expect(await exit).toBe(0);
  expect(output.stdout).toMatch(
    /bot: {4}Bonjour\.\ncaller: Bonjour, je m'appelle .*\nbot: {4}Où \? {3}\[after \d\.\d\d s\]\n/,
  );
  expect(output.stderr).toBe('');
  await caller.close();
  await bot.close();
});

test('with --json and no line running, the command runs one itself and prints one line of JSON', async () => {
  const bot = await startScriptedBot({ replies: ['Bonjour.', 'Où ?', 'Exact ?', 'Noté.'] });
  const { port, close } = await occupy();
  const env = { ...SECRETS, TWILIO_SIM_PORT: port, CALLSPAN_SPEED: '10', VIEWER_PORT: '1', RECORDS_PORT: '1' };
  const { exit, output } = run(
    'cli.ts',
    ['--json', '--script', 'appointment-fr', '--webhook', `${bot.url}/voice`],
    env,
  );
  expect(await exit).toBe(0);
  expect(output.stdout.split('\n')).toHaveLength(2);
  expect(JSON.parse(output.stdout)).toMatchObject({
    greeting: 'Bonjour.',
    end: { by: 'bot' },
    turns: [{}, {}, { heardFromBot: 'Noté.' }],
  });
  close();
  await bot.close();
});

test('a fault that was asked for is told and no failure of the command, even when it breaks the stream', async () => {
  const bot = await startScriptedBot({});
  const { port, close } = await occupy();
  const env = { ...SECRETS, TWILIO_SIM_PORT: port, CALLSPAN_SPEED: '10', VIEWER_PORT: '1', RECORDS_PORT: '1' };
  const asked = ['--script', 'silent-caller', '--webhook', `${bot.url}/voice`, '--seed', '4'];
  const plain = run('cli.ts', [...asked, '--faults', 'abnormal-close'], env);
  const json = run('cli.ts', [...asked, '--faults', 'jitter=30,abnormal-close', '--json'], env);
  expect([await plain.exit, await json.exit]).toEqual([0, 0]);
  expect(plain.output.stdout).toMatch(/^fault {3}abnormal-close: count 1, .*atSample \d+, seed 4$/m);
  const { faults, seed } = JSON.parse(json.output.stdout);
  expect(seed).toBe(4);
  expect(faults).toMatchObject([
    { name: 'jitter', maxDelayMs: 30 },
    { name: 'abnormal-close', count: 1 },
  ]);
  close();
  await bot.close();
});

test.each([
  [[], /^call: no simulated line on 127\.0\.0\.1:1: run npm start first, .*\n$/],
  [['--webhook', 'http://127.0.0.1:2/voice', '--json'], /^call: .*11205.*\n$/],
])('the command with %j fails in one line', async (args, pattern) => {
  const { exit, output } = run('cli.ts', args, { ...SECRETS, TWILIO_SIM_PORT: '1' });
  expect(await exit).toBe(1);
  expect(output.stderr).toMatch(pattern);
  expect(output.stdout).toBe('');
});

test.each([
  [['--script', 'nope'], /^call: no caller script "nope"; there are: appointment-en, .*\n$/],
  [['--colour'], /^call: Unknown option '--colour'.*\n$/],
  [['http://127.0.0.1:2/voice'], /^call: Unexpected argument 'http:.*\n$/],
  [['--webhook', '127.0.0.1:2/voice'], /^call: --webhook must be an address like http:\/\/\S+, not "127.*\n$/],
  [['--webhook', 'http://a:b@127.0.0.1:2/'], /^call: --webhook must not hold a user or password\n$/],
  [['--media-base', 'http://127.0.0.1:2'], /^call: --media-base must be an origin like ws:.*\n$/],
  [['--media-base', 'ws://127.0.0.1:2/?a'], /^call: --media-base must be an origin like ws:.*\n$/],
  [['--auth-token', 'x'], /^call: --auth-token goes with --webhook.*\n$/],
  [
    ['--faults', 'jiter'],
    /^call: --faults "jiter": no such fault; the nearest is jitter \(--faults list tells all\)\n$/,
  ],
  [
    ['--faults', 'jitter=abc'],
    /^call: --faults jitter=abc: the longest delay in milliseconds must be .*, not "abc"\n$/,
  ],
  [
    ['--faults', 'loss=200'],
    /^call: --faults loss=200: the percentage of frames must be a number from 0 to 100, .*\n$/,
  ],
  [['--audio', '/nonexistent.wav'], /^call: --audio \/nonexistent\.wav: cannot be read \(ENOENT\)\n$/],
  [['--audio', 'package.json'], /^call: --audio package\.json: not a WAV file that the line can play .*\n$/],
  [['--seed', 'x'], /^call: --seed must be a whole number .*\n$/],
])('the command with %j ends with 2 before anything is called', async (args, pattern) => {
  const { exit, output } = run('cli.ts', args, { ...SECRETS, TWILIO_SIM_PORT: '1' });
  expect(await exit).toBe(2);
  expect(output.stderr).toMatch(pattern);
  expect(output.stdout).toBe('');
});

test('--faults list tells each fault in one line and ends with 0', async () => {
  const { exit, output } = run('cli.ts', ['--faults', 'list'], {});
  expect(await exit).toBe(0);
  const lines = output.stdout.trimEnd().split('\n');
  expect(lines.map((line) => line.split(' ', 1)[0])).toEqual(FAULT_NAMES);
  expect(lines.every((line) => /^[a-z-]+ +\S.{20,}$/.test(line))).toBe(true);
});

test('--list names the scripts and --help the options', async () => {
  const list = run('cli.ts', ['--list'], {});
  const help = run('cli.ts', ['--help'], {});
  expect([await list.exit, await help.exit]).toEqual([0, 0]);
  expect(list.output.stdout).toMatch(/^appointment-en +An English caller/);
  expect(help.output.stdout).toContain('--media-base');
});
