import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { CaptureLevel } from 'callspan';
import { readCallerConfig } from '../../services/caller/config.ts';
import { startCaller } from '../../services/caller/start.ts';
import { readStandinConfig } from '../../services/openai/config.ts';
import { startStandin } from '../../services/openai/start.ts';
import { findFreePorts } from '../helpers/free-ports.ts';
import { startHostileProvider, startHostileRecords } from '../helpers/hostile-provider.ts';
import { ALL_PLANTED, findPlanted, PLANTED } from '../helpers/planted.ts';
import { startRawReceiver } from '../helpers/raw-receiver.ts';
import { ACCOUNT_SID, AUTH_TOKEN, STREAM_SECRET } from '../helpers/test-bot.ts';
import { newCallSid, openStream, postForm, startMessage, tokenOf, voiceForm } from '../helpers/twilio-signed.ts';

const SPEED = '4';
const SCRIPTS = join(import.meta.dirname, '..', 'fixtures', 'scripts');
/** What the business itself keeps of a call; everything else in the data folder is telemetry. */
const PRODUCT_DATA = /^bot\/(?:outbox\.db|phrases\/)/;

/** Everything that left a bot in which every caller, provider and service quoted the planted values. */
type Emitted = {
  readonly otlp: string;
  readonly pending: string;
  readonly output: string;
  readonly metrics: string;
  readonly files: ReadonlyMap<string, string>;
  /** What was sent or waits on disk to be sent. */
  readonly telemetry: string;
};

async function runHostileCalls(capture: CaptureLevel): Promise<Emitted> {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-privacy-'));
  const standin = await startStandin(
    readStandinConfig({ STANDIN_PORT: '0', STANDIN_PROFILE: 'instant', CALLSPAN_SPEED: SPEED }),
  );
  const provider = await startHostileProvider(standin.url);
  const records = await startHostileRecords();
  const receiver = await startRawReceiver(/^\/v1\/(?:traces|logs)$/);
  const [operationsPort] = await findFreePorts(1);
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--require', './otel/preload.cjs', 'services/bot/main.ts'],
    {
      env: {
        PATH: process.env.PATH ?? '',
        OTEL_SERVICE_NAME: 'bot',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_METRIC_EXPORT_INTERVAL: '1000',
        OTEL_METRIC_EXPORT_TIMEOUT: '900',
        CALLSPAN_LIVE_ENDPOINT: `${receiver.url}/v1/pending`,
        CALLSPAN_CAPTURE: capture,
        CALLSPAN_DATA_DIR: folder,
        CALLSPAN_SPEED: SPEED,
        CALLSPAN_STREAM_SECRET: STREAM_SECRET,
        CALLSPAN_HMAC_KEY: 'key of the privacy test',
        LOG_DIR: join(folder, 'log-files'),
        BOT_PORT: '0',
        BOT_METRICS_PORT: String(operationsPort),
        OPENAI_BASE_URL: `${provider.url}/v1`,
        OPENAI_API_KEY: PLANTED.token,
        RECORDS_URL: records.url,
        TWILIO_AUTH_TOKEN: AUTH_TOKEN,
        TWILIO_ACCOUNT_SID: ACCOUNT_SID,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk));
  try {
    const botUrl = await readyUrl(child, () => output);
    await sayEverything(botUrl);
    await sendEverything(botUrl);
    const metrics = await (await fetch(`http://127.0.0.1:${operationsPort}/metrics`)).text();
    await stop(child);
    const files = new Map(
      listFiles(folder).map((file) => [relative(folder, file), readFileSync(file).toString('utf8')]),
    );
    const spooled = [...files].filter(([name]) => name.startsWith('bot/spool/')).map(([, text]) => text);
    const otlp = ['/v1/traces', '/v1/logs', '/v1/metrics'].flatMap((path) => receiver.bodies(path)).join('\n');
    return {
      otlp,
      telemetry: [otlp, ...spooled].join('\n'),
      pending: receiver.bodies('/v1/pending').join('\n'),
      output,
      metrics,
      files,
    };
  } finally {
    await stop(child);
    for (const server of [provider, records, receiver]) server.close();
    await standin.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A whole call whose caller says it all. */
async function sayEverything(botUrl: string): Promise<void> {
  const config = readCallerConfig({
    TWILIO_SIM_PORT: '0',
    TWILIO_ACCOUNT_SID: ACCOUNT_SID,
    TWILIO_AUTH_TOKEN: AUTH_TOKEN,
    CALLSPAN_SPEED: SPEED,
    VIEWER_PORT: '1',
    RECORDS_PORT: '1',
  });
  const line = await startCaller(config, { scriptsFolder: SCRIPTS });
  const order = { script: 'planted', wait: true, webhook: `${botUrl}/voice`, statusCallback: `${botUrl}/status` };
  const response = await fetch(`${line.url}/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
  });
  expect(response.status).toBe(200);
  await response.text();
  await line.close();
}

/** Webhooks, streams and frames that quote it all. */
async function sendEverything(botUrl: string): Promise<void> {
  const callSid = newCallSid();
  const headers = {
    'user-agent': ALL_PLANTED.normalize('NFD').replace(/[^\x20-\x7e]/g, ''),
    'x-forwarded-for': `${PLANTED.ipv4}, ${PLANTED.ipv6}`,
    cookie: `session=${PLANTED.token}`,
  };
  const form = voiceForm(callSid, {
    From: PLANTED.e164,
    CallerName: PLANTED.name,
    CallerCity: PLANTED.street,
    SpeechResult: ALL_PLANTED,
    Digits: PLANTED.compact,
    SipHeader_X_Name: ALL_PLANTED,
    ForwardedFrom: `sip:${PLANTED.email}`,
  });
  const twiml = await (await postForm(`${botUrl}/voice`, form, headers)).text();
  const query = new URLSearchParams({ name: PLANTED.name, number: PLANTED.e164 });
  await postForm(`${botUrl}/status?${query}`, { ...form, CallStatus: `completed ${PLANTED.name}` }, headers);
  await fetch(`${botUrl}/${encodeURIComponent(ALL_PLANTED)}?${query}`, { headers });
  const errorForm = { ...form, StreamEvent: PLANTED.name, StreamError: ALL_PLANTED, StreamSid: PLANTED.email };
  await postForm(`${botUrl}/stream-status`, errorForm, headers);
  const stream = await openStream(botUrl);
  const start = startMessage(stream.streamSid, callSid, tokenOf(twiml), {
    customParameters: { t: tokenOf(twiml), caller: ALL_PLANTED, name: PLANTED.name },
  });
  stream.send(start);
  stream.send({ event: 'dtmf', streamSid: stream.streamSid, dtmf: { track: 'inbound_track', digit: PLANTED.compact } });
  stream.send({ event: ALL_PLANTED, streamSid: stream.streamSid });
  stream.send({ event: 'media', streamSid: ALL_PLANTED, media: { payload: ALL_PLANTED, timestamp: PLANTED.name } });
  stream.send({ event: 'mark', streamSid: stream.streamSid, mark: { name: ALL_PLANTED } });
  stream.send(`{"event":"${ALL_PLANTED}`);
  stream.send({ event: 'stop', streamSid: stream.streamSid, stop: { callSid: PLANTED.name } });
  await stream.closed;
  const refused = await openStream(botUrl);
  refused.send(startMessage(refused.streamSid, callSid, ALL_PLANTED));
  await refused.closed;
}

async function readyUrl(child: ChildProcess, output: () => string): Promise<string> {
  const ended = once(child, 'close').then(() => {
    throw new Error(`the bot ended:\n${output()}`);
  });
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [{ url: string }];
  ended.catch(() => undefined);
  return message.url;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
}

function listFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? listFiles(path) : [path];
  });
}

/** Where planted values stand, one line a place. */
function leaksOf({ otlp, pending, output, metrics, files }: Emitted): string[] {
  const places = [
    ['OTLP', otlp],
    ['announcements', pending],
    ['output', output],
    ['/metrics', metrics],
    ...[...files].filter(([name]) => !PRODUCT_DATA.test(name)),
  ] as const;
  return places.flatMap(([place, text]) => findPlanted(text).map((found) => `${place}: ${found}`));
}

test('at off nothing that a caller, a provider or a service wrote of a person leaves the process', async () => {
  const emitted = await runHostileCalls('off');
  expect(leaksOf(emitted)).toEqual([]);
  // What is not there must not be there because nothing is.
  expect(emitted.telemetry).toMatch(/"name":"voice\.call"/);
  expect(emitted.telemetry).toMatch(/"<invalid>"/);
  expect(emitted.telemetry).not.toContain('voice.transcript');
  expect(emitted.pending).toContain('voice.turn');
  expect(emitted.output).toContain('call finished');
  expect(emitted.metrics).toContain('voice_');
  for (const file of [/^log-files\//, /measures/, /^bot\/spool\//]) {
    expect([...emitted.files].filter(([name, text]) => file.test(name) && text.length > 100)).not.toEqual([]);
  }
}, 120_000);

test('at masked the words of the call are kept without them', async () => {
  const emitted = await runHostileCalls('masked');
  expect(leaksOf(emitted)).toEqual([]);
  expect(emitted.telemetry).toContain('voice.transcript');
  expect(emitted.telemetry).toMatch(/je voudrais un rendez-vous pour une fuite d'eau mardi/);
  expect(emitted.telemetry).toMatch(/m'appelle <name>/);
}, 120_000);

test('at full they are kept, so that this test could see them; secrets and addresses of clients are not', async () => {
  const emitted = await runHostileCalls('full');
  const leaks = leaksOf(emitted).join('\n');
  for (const what of ['name', 'number', 'email', 'card', 'iban', 'street'])
    expect(leaks).toMatch(new RegExp(`^bot/spool/.*: ${what} as it is`, 'm'));
  expect(leaks).not.toMatch(/token as it is/);
}, 120_000);
