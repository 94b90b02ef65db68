import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { findFreePorts } from '../test/helpers/free-ports.ts';
import { type Service, startService } from './kit/bots.ts';
import { type CountingReceiver, startCountingReceiver } from './volume/receiver.ts';
import { reportVolume, type VolumeReport } from './volume/report.ts';

const SCRIPTS = ['appointment-en', 'many-turns', 'appointment-fr', 'interrupts'];
const ACCOUNT_SID = `AC${'5'.repeat(32)}`;
const AUTH_TOKEN = '0123456789abcdef0123456789abcdef';
/** Until what a call left behind has been exported. */
const SETTLE_MS = 2000;
const BETWEEN_CALLS_MS = 1500;

type Options = {
  readonly calls: number;
  readonly speed: string;
  readonly capture: string;
  readonly save: string | undefined;
};
/** One bot of the bench and what it and its records service sent. */
type Side = {
  readonly receiver: CountingReceiver;
  readonly bot: Service;
  readonly services: readonly Service[];
};

/**
 * What a call weighs: simulated calls, as long as those of people, through the kit of two bots to OTLP receivers that count.
 * One speaks JSON (the default), whose receiver hands all of it on to a viewer, the other protobuf. `args`: `--calls` on
 * each (default 8), `--speed` (default 1; figures for documents are taken at 1), `--capture` (default off, as where
 * telemetry leaves the machine), `--save FILE` for what was sent (bench/collector.ts sends it again). Linux only: processor time is read from /proc.
 */
export async function volume(args: readonly string[]): Promise<VolumeReport> {
  const options = readOptions(args);
  const folder = mkdtempSync(join(tmpdir(), 'callspan-volume-'));
  const [viewerOtlp = 0] = await findFreePorts(1);
  const viewerEnv = { VIEWER_PORT: '0', VIEWER_OTLP_PORT: String(viewerOtlp), CALLSPAN_DATA_DIR: folder };
  const stack: { stop(): Promise<void> }[] = [];
  try {
    const viewer = await startService({ name: 'viewer', env: { ...viewerEnv, OTEL_SDK_DISABLED: 'true' } });
    stack.push(viewer);
    const models = await startService({ name: 'openai', env: { STANDIN_PORT: '0', CALLSPAN_SPEED: options.speed } });
    stack.push(models);
    const shared = { options, folder, models: `${models.url}/v1`, stack };
    const json = await startSide({ ...shared, name: 'json', forwardTo: `http://127.0.0.1:${viewerOtlp}` });
    const protobuf = await startSide({ ...shared, name: 'protobuf' });
    const caller = await startService({ name: 'caller', env: callerEnv(folder, options.speed) });
    stack.push(caller);
    const cpuBeforeMs = readCpuMs(json.bot);
    const [calls] = await Promise.all([json, protobuf].map((side) => placeCalls(caller.url, side.bot, options)));
    await delay(SETTLE_MS);
    const botCpuMs = readCpuMs(json.bot) - cpuBeforeMs;
    for (const { services } of [json, protobuf]) await Promise.all(services.map((service) => service.stop()));
    await viewer.stop();
    const storedBytes = statSync(join(folder, 'viewer', 'store.db')).size;
    const { speed, capture, save } = options;
    if (save) writeFileSync(save, gzipSync(JSON.stringify({ calls: calls?.length, bodies: json.receiver.bodies })));
    const sent = { json: json.receiver, protobuf: protobuf.receiver };
    return reportVolume({ calls: calls ?? [], ...sent, botCpuMs, storedBytes, speed, capture });
  } finally {
    await Promise.all(stack.map((service) => service.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      calls: { type: 'string', default: '8' },
      speed: { type: 'string', default: '1' },
      capture: { type: 'string', default: 'off' },
      save: { type: 'string' },
    },
  });
  const { speed, capture, save } = values;
  return { calls: Number(values.calls), speed, capture, save };
}

type SideRequest = {
  readonly name: 'json' | 'protobuf';
  readonly options: Options;
  readonly folder: string;
  readonly models: string;
  readonly stack: { stop(): Promise<void> }[];
  readonly forwardTo?: string;
};

/** A bot and its records service; both are traced. */
async function startSide({ name, options, folder, models, stack, forwardTo }: SideRequest): Promise<Side> {
  const dimensions = readDimensions();
  const receiver = await startCountingReceiver({ dimensions, ...(forwardTo ? { forwardTo } : {}) });
  const traced = (service: string) => ({
    OTEL_SERVICE_NAME: service,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpointFor(service),
    OTEL_EXPORTER_OTLP_PROTOCOL: `http/${name}`,
    CALLSPAN_DATA_DIR: join(folder, name),
    CALLSPAN_SPEED: options.speed,
    CALLSPAN_CAPTURE: options.capture,
    LOG_LEVEL: 'info',
  });
  const flags = ['--require', './otel/preload.cjs'];
  const records = await startService({ name: 'records', flags, env: { ...traced('records'), RECORDS_PORT: '0' } });
  stack.push(records);
  const env = {
    ...traced('bot'),
    BOT_PORT: '0',
    BOT_METRICS_PORT: '0',
    RECORDS_URL: records.url,
    OPENAI_BASE_URL: models,
    OPENAI_API_KEY: 'stand-in',
    TWILIO_ACCOUNT_SID: ACCOUNT_SID,
    TWILIO_AUTH_TOKEN: AUTH_TOKEN,
    CALLSPAN_STREAM_SECRET: 'stream secret of the bench',
    CALLSPAN_HMAC_KEY: 'hmac key of the bench',
  };
  const bot = await startService({ name: 'bot', flags, env });
  stack.push(bot, { stop: () => receiver.close() });
  return { receiver, bot, services: [bot, records] };
}

function callerEnv(folder: string, speed: string): Readonly<Record<string, string>> {
  const account = { TWILIO_ACCOUNT_SID: ACCOUNT_SID, TWILIO_AUTH_TOKEN: AUTH_TOKEN };
  return {
    ...account,
    TWILIO_SIM_PORT: '0',
    CALLSPAN_DATA_DIR: folder,
    CALLSPAN_SPEED: speed,
    OTEL_SDK_DISABLED: 'true',
  };
}

/** Places the calls, a moment apart. @returns how long each lasted, milliseconds */
async function placeCalls(caller: string, bot: Service, { calls, speed }: Options): Promise<readonly number[]> {
  return Promise.all(
    Array.from({ length: calls }, async (_, index) => {
      await delay((index * BETWEEN_CALLS_MS) / Number(speed));
      return placeCall(caller, bot, SCRIPTS[index % SCRIPTS.length] ?? 'appointment-en');
    }),
  );
}

async function placeCall(caller: string, bot: Service, script: string): Promise<number> {
  const response = await fetch(`${caller}/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ script, webhook: `${bot.url}/voice`, statusCallback: `${bot.url}/status`, wait: true }),
  });
  const result = (await response.json()) as { durationMs?: number; turns?: readonly unknown[] };
  if (response.ok && result.durationMs !== undefined && result.turns?.length) return result.durationMs;
  throw new Error(`${script} failed: ${JSON.stringify(result).slice(0, 500)}\n${bot.lastWords()}`);
}

/** What `span_metrics` makes labels of. */
function readDimensions(): readonly string[] {
  const file = parse(readFileSync('otel-collector.yaml', 'utf8')) as {
    connectors: { span_metrics: { dimensions: { name: string }[] } };
  };
  return file.connectors.span_metrics.dimensions.map(({ name }) => name);
}

/** Processor time of all threads so far, milliseconds (proc(5): fields 14 and 15, hundredths of a second). */
function readCpuMs({ child }: Service): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
