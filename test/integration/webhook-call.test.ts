import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import webhooks from 'twilio/lib/webhooks/webhooks.js';
import { modulate } from '../../services/line/modem.ts';
import { resample } from '../../services/openai/domain/audio/resample.ts';
import { createWavHeader } from '../../services/openai/domain/audio/wav.ts';
import { type CommandRun, runCallCommand } from '../helpers/call-command.ts';
import { ACCOUNT, startTestCaller } from '../helpers/caller.ts';
import { type ScriptedBotOptions, startScriptedBot } from '../helpers/scripted-bot.ts';

type Bot = Awaited<ReturnType<typeof startScriptedBot>>;
const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function startBot(options: ScriptedBotOptions = { replies: ['Hello.'] }): Promise<Bot> {
  const bot = await startScriptedBot(options);
  open.push(bot);
  return bot;
}

/** A bot that, like a careful one, refuses what is not signed with its token. */
function startCarefulBot(token: string): Promise<Bot> {
  return startBot({
    answer: ({ headers, form, path }, { url, mediaUrl }) => {
      const signature = String(headers['x-twilio-signature']);
      const isSigned = webhooks.validateRequest(token, signature, `${url}${path}`, Object.fromEntries(form));
      const body = `<Response><Connect><Stream url="${mediaUrl}"/></Connect></Response>`;
      return isSigned ? { body } : { status: 403, type: 'text/plain', body: 'no' };
    },
    replies: ['Hello.'],
  });
}

const call = (bot: Bot, more: Partial<CommandRun> = {}) =>
  runCallCommand({
    ...more,
    args: ['--script', 'silent-caller', '--webhook', `${bot.url}/voice`, ...(more.args ?? [])],
  });

test('with nothing set, a bot that checks no signature is called, and the command says that the token is made up', async () => {
  const { code, stdout, stderr } = await call(await startBot());
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^signed with a made-up token: .*--auth-token.*\n.* calls .*\nbot: {4}Hello\.\n/);
});

test.each([
  ['--auth-token', { args: ['--auth-token', 'theirs'], env: { TWILIO_AUTH_TOKEN: 'another' } }],
  ['TWILIO_AUTH_TOKEN', { env: { TWILIO_AUTH_TOKEN: 'theirs' } }],
])('a bot that checks signatures is called with the token of %s', async (source, more) => {
  const { code, stdout } = await call(await startCarefulBot('theirs'), more);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^signed with the token of ${source}\\n`));
});

test('a refused signature is told with the token that was used, in one line, and the command fails', async () => {
  const bot = await startCarefulBot('theirs');
  const { code, stdout, stderr } = await call(bot, { args: ['--json'], env: { TWILIO_AUTH_TOKEN: 'another' } });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^call: .*11200: \S+ answered 403; .*the token of TWILIO_AUTH_TOKEN; .*--auth-token .*\n$/);
});

test('a running line that has the account places the call; one that has another is passed by', async () => {
  const line = await startTestCaller();
  open.push(line);
  const env = { TWILIO_SIM_PORT: new URL(line.url).port, TWILIO_ACCOUNT_SID: ACCOUNT.accountSid };
  const through = await call(await startBot(), {
    args: ['--json'],
    env: { ...env, TWILIO_AUTH_TOKEN: ACCOUNT.authToken },
  });
  const beside = await call(await startBot(), { args: ['--json'], env: { ...env, TWILIO_AUTH_TOKEN: 'theirs' } });
  const known = async ({ stdout }: { stdout: string }) =>
    (await fetch(`${line.url}/calls/${JSON.parse(stdout).callSid}`)).status;
  expect([await known(through), await known(beside)]).toEqual([200, 404]);
});

test('a bot that checks its public address is signed for that, whatever a running line would sign', async () => {
  const line = await startTestCaller();
  open.push(line);
  const bot = await startBot();
  const env = { TWILIO_ACCOUNT_SID: ACCOUNT.accountSid, TWILIO_AUTH_TOKEN: ACCOUNT.authToken };
  const { code } = await call(bot, {
    env: { ...env, TWILIO_SIM_PORT: new URL(line.url).port, PUBLIC_BASE_URL: 'https://bot.example' },
  });
  expect(code).toBe(0);
  const { headers, form } = bot.requests[0] ?? {};
  const signature = String(headers?.['x-twilio-signature']);
  expect(
    webhooks.validateRequest(ACCOUNT.authToken, signature, 'https://bot.example/voice', Object.fromEntries(form ?? [])),
  ).toBe(true);
});

test.each([
  [
    'plain text',
    { type: 'text/plain', body: 'hello' },
    /12300: .* answered with content type text\/plain, .*text\/xml/,
  ],
  [
    'HTML',
    { type: 'text/html', body: '<!doctype html><p>hi' },
    /12100: the document .*; the webhook must answer with TwiML/,
  ],
  ['another document', { body: '<Speak/>' }, /12102: the root element is <Speak>/],
  [
    'an unknown verb',
    { body: '<Response><Sing/></Response>' },
    /12200: <Sing> may not stand in <Response>; .*VoiceResponse/,
  ],
  ['a server error', { status: 500, body: '' }, /11200: \S+ answered 500; the bot's own log/],
])('%s in place of TwiML is told in one line with the way out', async (_what, answer, pattern) => {
  const { code, stderr } = await call(await startBot({ answer: () => answer }));
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^call: the call failed with Twilio's error ${pattern.source}.*\\n$`));
});

test('a webhook that hangs is given up, and the caller is not left waiting', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  open.push({
    close() {
      server.closeAllConnections();
      server.close();
    },
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { code, stderr } = await runCallCommand({
    args: ['--webhook', `http://127.0.0.1:${port}/voice`],
    env: { CALLSPAN_SPEED: '10' },
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^call: .* did not answer within 15 s; .*answer first, work afterwards\n$/);
});

test('with --audio the caller speaks recordings in place of the modem, in their order, at the times of the script', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-audio-'));
  open.push({ close: () => rmSync(folder, { recursive: true }) });
  const files = ['First recording', 'Second recording'].map((text, index) => {
    const file = join(folder, `${index}.wav`);
    const samples = resample(modulate(text, { voice: 'caller' }), 8_000, 24_000);
    // It ends within a frame of the line.
    const part = samples.subarray(0, samples.length - 99);
    writeFileSync(
      file,
      Buffer.concat([createWavHeader(24_000, part.byteLength), Buffer.from(part.buffer, 0, part.byteLength)]),
    );
    return file;
  });
  const bot = await startBot({ replies: ['Hello.', 'Where?', 'Right?', 'Done.'] });
  const args = ['--script', 'appointment-en', '--json', '--audio', files.join(',')];
  const { code, stdout } = await call(bot, { args });
  expect(code).toBe(0);
  expect(bot.streams[0]?.heard).toEqual(['First recording', 'Second recording', 'Yes, that is right.']);
  const lengths = bot.streams[0]?.media.map(({ media }) => Buffer.from(media.payload, 'base64').length);
  expect(new Set(lengths)).toEqual(new Set([160]));
  const { turns } = JSON.parse(stdout) as { turns: { saidByCaller: string; heardFromBot: string }[] };
  expect(turns.map(({ heardFromBot }) => heardFromBot)).toEqual(['Where?', 'Right?', 'Done.']);
});

test('a stream that cannot be reached names --media-base', async () => {
  const bot = await startBot({
    answer: () => ({ body: '<Response><Connect><Stream url="wss://127.0.0.1:9/media"/></Connect></Response>' }),
  });
  const { code, stderr } = await call(bot);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^call: .*31902: .*refused the connection; --media-base .*\n$/);
});
