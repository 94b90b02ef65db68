import { Attr, gapSegmentKey, SEGMENTS, SpanName } from 'callspan/conventions';
import { type RunningSet, startSet } from '../test/helpers/running-set.ts';
import { tellProgress } from './progress.ts';
import { type ReadSpan, readTrace } from './trace-reader.ts';
import {
  type ComparedCall,
  compareCall,
  type MeasuredTurn,
  summarize,
  type TrueTurn,
  type WaitFigures,
} from './wait-errors.ts';

/** A kind of line: faults of the simulated line by name, or a script that interrupts. */
type Kind = { readonly name: string; readonly faults?: string; readonly script?: string };

const LONG_SCRIPT = 'many-turns';
const KINDS: readonly Kind[] = [
  { name: 'clean' },
  { name: 'jitter', faults: 'jitter' },
  { name: 'loss', faults: 'loss' },
  { name: 'stall', faults: 'stall' },
  { name: 'reorder', faults: 'reorder' },
  { name: 'drift', faults: 'drift' },
  { name: 'duplicate', faults: 'duplicate' },
  { name: 'barge-in', script: 'interrupts-often' },
  { name: 'late-mark', faults: 'late-mark' },
  { name: 'lost-mark', faults: 'lost-mark' },
];
const CALLS_A_KIND = 4;
const MOST_AT_ONCE = 30;

type Job = { readonly kind: Kind; readonly seed: number };

/**
 * The wait that the trace says, against the wait that the simulated caller knows, at speed 1, on a clean line and under
 * each fault. `args`: calls of each kind (default 4), calls at once (default 10, at most 30).
 */
export async function wait(args: readonly string[]): Promise<object> {
  const [callsAKind = CALLS_A_KIND, atOnce = 10] = args.filter((arg) => /^\d+$/.test(arg)).map(Number);
  if (atOnce > MOST_AT_ONCE) throw new RangeError(`${atOnce} calls at once; expected at most ${MOST_AT_ONCE}`);
  const jobs = Array.from({ length: callsAKind }, (_, round) =>
    KINDS.map((kind, index): Job => ({ kind, seed: round * KINDS.length + index + 1 })),
  ).flat();
  const set = await startSet(['--speed', '1', '--no-call']);
  try {
    await set.said('Callspan is running');
    const compared = await runAll(set, jobs, atOnce);
    const byKind = Object.fromEntries(
      KINDS.map(({ name }) => [name, summarize(compared.filter((one) => one.kind === name).map((one) => one.call))]),
    );
    const all = summarize(compared.map((one) => one.call));
    printTable({ ...byKind, all });
    return { bench: 'wait', speed: 1, atOnce, ...all, byKind };
  } finally {
    await set.cleanUp();
  }
}

type Compared = { readonly kind: string; readonly call: ComparedCall };

async function runAll(set: RunningSet, jobs: readonly Job[], atOnce: number): Promise<Compared[]> {
  const compared: Compared[] = [];
  let next = 0;
  const worker = async () => {
    for (let job = jobs[next++]; job; job = jobs[next++]) {
      compared.push({ kind: job.kind.name, call: await runCall(set, job) });
      tellProgress(compared.length, jobs.length, 'calls');
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return compared;
}

type CallAnswer = {
  readonly callSid: string;
  readonly traceId: string | null;
  readonly turns: readonly TrueTurn[];
};

async function runCall(set: RunningSet, { kind, seed }: Job): Promise<ComparedCall> {
  const { name: _name, script = LONG_SCRIPT, ...faults } = kind;
  const response = await fetch(`${set.address('TWILIO_SIM_PORT')}/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ script, wait: true, seed, ...faults }),
  });
  if (!response.ok) throw new Error(await response.text());
  const call = (await response.json()) as CallAnswer;
  const spans = await readEndedTrace(set.address('VIEWER_PORT'), call.traceId ?? '');
  return compareCall(call.turns, readTurns(spans));
}

/** The trace once the call's own span is there: the caller hangs up before the bot has wrapped up. */
async function readEndedTrace(viewerUrl: string, traceId: string): Promise<ReadSpan[]> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const spans = await readTrace(viewerUrl, traceId);
    if (spans.some((span) => span.name === SpanName.call && Attr.callOutcome in span.attributes)) return spans;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`trace ${traceId} did not end`);
}

function readTurns(spans: readonly ReadSpan[]): MeasuredTurn[] {
  const childOf = (parent: ReadSpan, name: string) =>
    spans.find((span) => span.name === name && span.parentSpanId === parent.spanId);
  return spans
    .filter((span) => span.name === SpanName.turn)
    .toSorted((one, other) => one.startMs - other.startMs)
    .map((turn) => {
      const gap = childOf(turn, SpanName.responseGap);
      const reason = turn.attributes[Attr.turnUnmeasured];
      return {
        speechStartMs: childOf(turn, SpanName.userSpeech)?.startMs ?? null,
        gapMs: gap?.durationMs ?? null,
        source: String(gap?.attributes[Attr.gapSource] ?? 'none'),
        uncertaintyMs: Number(gap?.attributes[Attr.gapUncertaintyMs] ?? 0),
        segmentsMs: SEGMENTS.map((segment) => Number(turn.attributes[gapSegmentKey(segment)] ?? 0)),
        unmeasured: reason === undefined ? null : String(reason),
      };
    });
}

function printTable(rows: Readonly<Record<string, WaitFigures>>): void {
  const write = (cells: readonly string[]) =>
    process.stdout.write(
      `${cells.map((cell, index) => (index === 0 ? cell.padEnd(10) : cell.padStart(12))).join('')}\n`,
    );
  write(['line', 'turns', 'coverage', 'media clock', 'p99 |error|', 'max |error|', 'median', 'others in ±']);
  for (const [name, row] of Object.entries(rows)) {
    const ms = (value: number | null) => (value === null ? '-' : `${value} ms`);
    const share = (value: number | null) => (value === null ? '-' : `${value} %`);
    write([
      name,
      String(row.turns),
      share(row.coveragePct),
      share(row.mediaClockPct),
      ms(row.p99AbsErrorMs),
      ms(row.maxAbsErrorMs),
      ms(row.medianErrorMs),
      share(row.withinUncertaintyPct),
    ]);
  }
}
