import { execFile } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { followCall, isLineRunning } from '../../services/caller/command/line-client.ts';
import { runCallCommand } from '../helpers/call-command.ts';
import { startTestCaller } from '../helpers/caller.ts';
import { startScriptedBot } from '../helpers/scripted-bot.ts';

/** Makes fetch give up after 300 ms what it otherwise gives up after five minutes. */
const IMPATIENT = `data:text/javascript,${encodeURIComponent(
  `await fetch('data:,');
   const key = Symbol.for('undici.globalDispatcher.1');
   globalThis[key] = new globalThis[key].constructor({ headersTimeout: 300, bodyTimeout: 300 });`,
)}`;
/** A second on a line that is ten times faster than the wall. */
const QUIET = '<Response><Pause length="10"/></Response>';

async function startServer(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

test('Ctrl-C hangs up as the caller, also on a line whose account the command does not know', async () => {
  const caller = await startTestCaller({ speed: 1 });
  const bot = await startScriptedBot();
  let isPressed = false;
  const { code, stdout } = await runCallCommand({
    args: ['--script', 'silent-caller', '--webhook', `${bot.url}/voice`],
    env: { TWILIO_SIM_PORT: new URL(caller.url).port, CALLSPAN_SPEED: '1' },
    onPrint: (printed, child) => {
      if (!isPressed && /calls \+/.test(printed)) isPressed = child.kill('SIGINT');
    },
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^the caller ended the call$/m);
  await caller.close();
  await bot.close();
});

test('a call is followed to its end, however long nothing happens in it', async () => {
  const bot = await startScriptedBot({ answer: () => ({ body: QUIET }) });
  const caller = await startTestCaller();
  const { code, stderr } = await runCallCommand({
    args: ['--script', 'silent-caller', '--webhook', `${bot.url}/voice`],
    env: { TWILIO_SIM_PORT: new URL(caller.url).port, NODE_OPTIONS: `--import=${IMPATIENT}` },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  await caller.close();
  await bot.close();
});

test('the set waits for the first call, however long it takes', async () => {
  const bot = await startScriptedBot({ answer: () => ({ body: QUIET }) });
  const caller = await startTestCaller({ webhookUrl: `${bot.url}/voice` });
  const program = `
    const { createCallPlacer } = await import('./services/set/calls.ts');
    const call = await createCallPlacer('${caller.url}').place('silent-caller');
    console.log((await call.finished).durationMs >= 10_000);
    process.exit();`;
  const args = ['--conditions=source', `--import=${IMPATIENT}`, '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toBe('true\n');
  await caller.close();
  await bot.close();
});

test('a line that goes away during a call is said to have gone', async () => {
  const line = await startServer((request, response) => {
    if (request.method === 'POST') response.end('{"callSid":"CA1"}');
    else response.write('{"type":"streaming","streamSid":"MZ1"}\n', () => response.destroy());
  });
  const news: unknown[] = [];
  const followed = followCall(line.url, { script: 'silent-caller' }, (one) => news.push(one));
  await expect(followed).rejects.toThrow('the simulated line went away during the call');
  expect(news).toHaveLength(1);
  line.close();
});

test('a server that answers everything with a page is no simulated line', async () => {
  const page = await startServer((_request, response) => response.end('<html>'));
  expect(await isLineRunning(page.url)).toBe(false);
  page.close();
});
