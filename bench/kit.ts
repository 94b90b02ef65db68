import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Bot, MODES, type Mode, type Service, startBot, startService, startSink, type Usage } from './kit/bots.ts';
import { measureFrames } from './kit/frames.ts';
import { median, spread } from './kit/median.ts';
import { measureCost } from './measure.ts';
import { tellProgress } from './progress.ts';

const SCRIPTS = ['appointment-en', 'many-turns'];
const ACCOUNT_SID = `AC${'5'.repeat(32)}`;
const AUTH_TOKEN = '0123456789abcdef0123456789abcdef';
/** Until what a call left behind has been exported and put away. */
const SETTLE_MS = 1500;

/** What the columns compare, said with the figures. */
const COMPARED = {
  on: 'the kit as it is installed: spans, metrics, log records, measures, spool',
  off: 'OTEL_SDK_DISABLED=true: no telemetry; every log line is written, those by which the kit tells a call included',
  none: 'no kit and no SDK: the bot’s own log lines (one in seven; the kit tells the others), by pino alone, unredacted',
} as const satisfies Readonly<Record<Mode, string>>;

type Round = Readonly<Record<Mode, Usage>>;

/**
 * What the kit costs a bot: the same calls against three bots in processes of their own (kit on, SDK loaded and turned
 * off, neither kit nor SDK), one after the other in each round, in changing order. Our own bot with its voice activity
 * detection is what runs, faster than a telephone by `--speed`, so that each call does all of its work.
 * What V8 compiles is a matter of luck that stays with a process and is worth more than what the rounds of one differ:
 * the bots are started several times.
 * `args`: `--processes` of each mode (default 3), `--rounds` of each (default 4), `--warm-up` rounds before them (default
 * 6: what runs once a turn is still being compiled in the first fifty calls of a process; the first round is told as `cold`),
 * `--calls` at once (default 8), `--speed` (default 8), `--profile DIR` for CPU profiles, `--set NAME=VALUE` (repeated) for
 * a variable of the bot that has the kit on.
 */
export async function kit(args: readonly string[]): Promise<object> {
  const { processes, rounds, warmUp, calls, ...how } = readOptions(args);
  const { speed, set } = how;
  const { measureMs } = await measureCost();
  const figures = { ...(await measureFrames()), measureMs };
  const all = (warmUp + rounds) * processes;
  const cold: Round[] = [];
  const seen: Round[] = [];
  const taken: object[] = [];
  for (let start = 0; start < processes; start += 1) {
    const stage = await openStage(how);
    try {
      for (let round = 0; round < warmUp + rounds; round += 1) {
        const usage: Partial<Record<Mode, Usage>> = {};
        for (const mode of rotate(MODES, start + round)) usage[mode] = await stage.run(mode, calls);
        if (round === 0) cold.push(usage as Round);
        if (round >= warmUp) seen.push(usage as Round);
        tellProgress(start * (warmUp + rounds) + round + 1, all, 'rounds');
      }
    } finally {
      await stage.close();
    }
    taken.push(stage.taken());
  }
  const cpuMsPerCallCold = byMode(cold, ({ cpuMs }) => cpuMs);
  return report(seen, { processes, rounds, warmUp, calls, speed, set, ...figures, cpuMsPerCallCold, sink: taken });
}

/** The median of each mode. */
function byMode(rounds: readonly Round[], pick: (usage: Usage) => number): Readonly<Record<Mode, number>> {
  const of = (mode: Mode) => median(rounds.map((round) => pick(round[mode])));
  return { on: of('on'), off: of('off'), none: of('none') };
}

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      processes: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '4' },
      'warm-up': { type: 'string', default: '6' },
      calls: { type: 'string', default: '8' },
      speed: { type: 'string', default: '8' },
      profile: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
    },
  });
  return {
    processes: Number(values.processes),
    rounds: Number(values.rounds),
    warmUp: Number(values['warm-up']),
    calls: Number(values.calls),
    speed: values.speed,
    profile: values.profile,
    set: readSettings(values.set),
  };
}

/** `NAME=VALUE` each. */
function readSettings(settings: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(settings.map((setting) => [setting.split('=', 1)[0], setting.replace(/^[^=]*=/, '')]));
}

/** Everything that a call needs, and a bot of each mode. */
async function openStage({ speed, profile, set }: Pick<ReturnType<typeof readOptions>, 'speed' | 'profile' | 'set'>) {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-kit-'));
  const sink = await startSink();
  const shared = { CALLSPAN_SPEED: speed, TWILIO_ACCOUNT_SID: ACCOUNT_SID, TWILIO_AUTH_TOKEN: AUTH_TOKEN };
  const beside = { ...shared, OTEL_SDK_DISABLED: 'true', CALLSPAN_DATA_DIR: folder };
  const services: Service[] = [];
  const open = async (name: string, env: Readonly<Record<string, string>>) => {
    const service = await startService({ name, env: { ...beside, ...env } });
    services.push(service);
    return service.url;
  };
  const models = await open('openai', { STANDIN_PORT: '0', STANDIN_PROFILE: 'instant' });
  const records = await open('records', { RECORDS_PORT: '0' });
  const caller = await open('caller', { TWILIO_SIM_PORT: '0', RECORDS_URL: records });
  const bots = new Map<Mode, Bot>();
  for (const mode of MODES) {
    const env = {
      ...shared,
      BOT_PORT: '0',
      BOT_METRICS_PORT: '0',
      CALLSPAN_DATA_DIR: join(folder, mode),
      OPENAI_BASE_URL: `${models}/v1`,
      OPENAI_API_KEY: 'stand-in',
      RECORDS_URL: records,
      CALLSPAN_STREAM_SECRET: 'stream secret of the bench',
      CALLSPAN_HMAC_KEY: 'hmac key of the bench',
      CALLSPAN_CARRIER: 'none',
      OTEL_SERVICE_NAME: 'bot',
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    };
    bots.set(mode, await startBot(mode, mode === 'on' ? { ...env, ...set } : env, profile));
  }
  return {
    taken: sink.taken,
    run: (mode: Mode, calls: number) => runRound(bots.get(mode) as Bot, caller, calls),
    async close() {
      await Promise.all([...bots.values(), ...services].map((process) => process.stop()));
      await sink.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @returns what the bot used for each call */
async function runRound(bot: Bot, caller: string, calls: number): Promise<Usage> {
  const usage = await bot.measure(async () => {
    const scripts = Array.from({ length: calls }, (_, index) => SCRIPTS[index % SCRIPTS.length] ?? 'appointment-en');
    const kept = await Promise.all(scripts.map((script) => placeCall(caller, bot.url, script))).catch(
      (error: Error) => {
        throw new Error(`${bot.mode}: ${error.message}\n${bot.lastWords()}`);
      },
    );
    // A bot whose first request fails answers too, does next to nothing, and that cheaply.
    if (!kept.includes(true)) throw new Error(`${bot.mode}: no call left a record`);
    await delay(SETTLE_MS);
  });
  return { ...usage, cpuMs: usage.cpuMs / calls, gcMs: usage.gcMs / calls };
}

/**
 * @returns whether the call left its record
 * @throws Error when the call did not go as its script says: then it was other work than the one beside it
 */
async function placeCall(caller: string, bot: string, script: string): Promise<boolean> {
  const response = await fetch(`${caller}/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ script, webhook: `${bot}/voice`, statusCallback: `${bot}/status`, wait: true }),
  });
  const result = (await response.json()) as { turns?: readonly unknown[]; record?: object | null };
  if (!response.ok || !result.turns?.length) throw new Error(`${script} failed: ${JSON.stringify(result)}`);
  return result.record !== null;
}

function rotate(modes: readonly Mode[], by: number): Mode[] {
  return modes.map((_, index) => modes[(index + by) % modes.length] ?? 'on');
}

function report(rounds: readonly Round[], facts: object): object {
  const of = (pick: (round: Round) => number) => median(rounds.map(pick));
  const share = ({ on, none }: Round) => (on.cpuMs / none.cpuMs - 1) * 100;
  const overDisabled = ({ on, off }: Round) => (on.cpuMs / off.cpuMs - 1) * 100;
  const result = {
    bench: 'kit',
    compared: COMPARED,
    cpuOverheadPct: of(share),
    cpuOverheadPctSpread: spread(rounds.map(share)),
    cpuOverSdkDisabledPct: of(overDisabled),
    cpuOverSdkDisabledPctSpread: spread(rounds.map(overDisabled)),
    cpuMsPerCall: byMode(rounds, ({ cpuMs }) => cpuMs),
    gcMsPerCall: byMode(rounds, ({ gcMs }) => gcMs),
    rssOverheadMb: of(({ on, off }) => on.rssMb - off.rssMb),
    rssTotalOverheadMb: of(({ on, none }) => on.rssMb - none.rssMb),
    rssMb: byMode(rounds, ({ rssMb }) => rssMb),
    heapMb: byMode(rounds, ({ heapMb }) => heapMb),
    eventLoopDelayP99Ms: byMode(rounds, ({ eventLoopDelayP99Ms }) => eventLoopDelayP99Ms),
    ...facts,
  };
  const { cpuMsPerCall, rssMb } = result;
  for (const mode of MODES) {
    const line = `${mode.padEnd(5)} ${cpuMsPerCall[mode].toFixed(0)} ms CPU a call, ${rssMb[mode].toFixed(0)} MB`;
    process.stdout.write(`${line}, event loop p99 ${result.eventLoopDelayP99Ms[mode].toFixed(1)} ms\n`);
  }
  return JSON.parse(
    JSON.stringify(result, (_key, value) => (typeof value === 'number' ? Math.round(value * 1000) / 1000 : value)),
  );
}
