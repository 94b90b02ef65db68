import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { childrenOf, type RunningSet, startSet } from '../test/helpers/running-set.ts';
import { tellProgress } from './progress.ts';

const PAGE_KIB = 4;
const SCRIPTS = ['appointment-fr', 'appointment-en', 'interrupts', 'hang-up-early'];

type Sample = { readonly rssMb: number; readonly sockets: number };

/**
 * Calls one after another against the whole set at ten times the speed: does any process grow, does anything stay open?
 * `args`: number of calls, default 100. Linux only: memory and sockets are read from /proc.
 */
export async function soak(args: readonly string[]): Promise<object> {
  const calls = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 100);
  const warm = Math.min(20, Math.floor(calls / 5));
  const set = await startSet(['--speed', '10', '--no-call']);
  try {
    await set.said('Callspan is running');
    const pids = await findServices(set);
    let before: Record<string, Sample> = {};
    const outcomes: Record<string, number> = {};
    for (let index = 0; index < calls; index += 1) {
      if (index === warm) before = sampleAll(pids);
      const outcome = await placeCall(set, SCRIPTS[index % SCRIPTS.length] ?? 'appointment-en');
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      tellProgress(index + 1, calls, 'calls');
    }
    return report({ calls, warm, outcomes, before, after: sampleAll(pids), live: await countLive(set) });
  } finally {
    await set.cleanUp();
  }
}

async function placeCall(set: RunningSet, script: string): Promise<string> {
  const response = await fetch(`${set.address('TWILIO_SIM_PORT')}/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ script, wait: true }),
  });
  return String(((await response.json()) as { outcome?: string | null }).outcome);
}

async function countLive(set: RunningSet): Promise<number> {
  const response = await fetch(`${set.address('VIEWER_PORT')}/api/v1/calls?limit=200`);
  const { calls } = (await response.json()) as { calls: { state: string }[] };
  return calls.filter((call) => call.state !== 'ended').length;
}

async function findServices(set: RunningSet): Promise<Record<string, number>> {
  const pids = await childrenOf(set.process.pid ?? 0);
  const nameOf = (pid: number) =>
    /services\/(\w+)\/main\.ts/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[1] ?? String(pid);
  return Object.fromEntries(pids.map((pid) => [nameOf(pid), pid]));
}

function sampleAll(pids: Readonly<Record<string, number>>): Record<string, Sample> {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, sample(pid)]));
}

function sample(pid: number): Sample {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  const sockets = readdirSync(`/proc/${pid}/fd`).filter((fd) =>
    readLink(`/proc/${pid}/fd/${fd}`).startsWith('socket:'),
  ).length;
  return { rssMb: (pages * PAGE_KIB) / 1024, sockets };
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

type Report = {
  readonly calls: number;
  readonly warm: number;
  readonly outcomes: Record<string, number>;
  readonly before: Record<string, Sample>;
  readonly after: Record<string, Sample>;
  readonly live: number;
};

function report({ before, after, ...rest }: Report): object {
  const growthMb: Record<string, number> = {};
  const socketsMore: Record<string, number> = {};
  for (const [name, sample] of Object.entries(after)) {
    growthMb[name] = Math.round((sample.rssMb - (before[name]?.rssMb ?? 0)) * 10) / 10;
    socketsMore[name] = sample.sockets - (before[name]?.sockets ?? 0);
    process.stdout.write(
      `${name.padEnd(8)} ${before[name]?.rssMb.toFixed(0)} MB -> ${sample.rssMb.toFixed(0)} MB, sockets ${before[name]?.sockets} -> ${sample.sockets}\n`,
    );
  }
  return { bench: 'soak', ...rest, growthMb, socketsMore };
}
