import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

const MAIN = 'services/openai/main.ts';
const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function launch(env: Record<string, string>): ChildProcess {
  const child = fork(MAIN, {
    execArgv: ['--conditions=source'],
    env: { PATH: process.env.PATH, STANDIN_PROFILE: 'instant', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running.push(child);
  return child;
}

async function startAndReady(): Promise<{ child: ChildProcess; url: string }> {
  const child = launch({ STANDIN_PORT: '0' });
  const [message] = (await once(child, 'message')) as [{ type: string; url: string }];
  expect(message.type).toBe('ready');
  return { child, url: message.url };
}

async function failure(env: Record<string, string>): Promise<{ code: unknown; stderr: string }> {
  const child = launch(env);
  let stderr = '';
  child.stderr?.on('data', (data: Buffer) => {
    stderr += data.toString();
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}

test('the process says when it is ready, serves, and ends with 0 on SIGTERM', async () => {
  const { child, url } = await startAndReady();
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});

test('it ends when the set that started it goes away', async () => {
  const { child } = await startAndReady();
  const exit = once(child, 'exit');
  child.disconnect();
  expect(await exit).toEqual([0, null]);
});

test('a port in use is one line that names the variable, and exit code 1', async () => {
  const { url } = await startAndReady();
  const { code, stderr } = await failure({ STANDIN_PORT: new URL(url).port });
  expect(code).toBe(1);
  expect(stderr).toBe(`openai: port ${new URL(url).port} is in use: stop what holds it, or set STANDIN_PORT\n`);
});

test.each([
  ['STANDIN_PORT', 'many'],
  ['STANDIN_PROFILE', 'fast'],
  ['STANDIN_SEED', 'x'],
  ['CALLSPAN_SPEED', '0'],
])('a wrong %s is one line that names it', async (name, value) => {
  const { code, stderr } = await failure({ STANDIN_PORT: '0', [name]: value });
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^openai: ${name} [^\\n]+\\n$`, 'u'));
});
