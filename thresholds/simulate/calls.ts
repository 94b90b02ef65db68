import { Stage, type StageName } from 'callspan/conventions';
import { BOT, type Day, type Execution, NO_PROVIDER, RECORDS } from './day.ts';
import { HEALTHY, LONGEST_HEALTHY_WAIT_MS, OF_PROVIDER, PARTS } from './latencies.ts';
import { drawMs, type Random } from './random.ts';

/** What is wrong while a call goes on; nothing on a healthy day. */
export type Trouble = {
  /** The provider's first token takes so long, and the whole reply as much longer. */
  readonly firstTokenMs?: number;
  /** These end with an error, soon. */
  readonly failing?: readonly StageName[];
  /** These take so long. */
  readonly slowMs?: Readonly<Partial<Record<StageName, number>>>;
};

/** How calls go. */
export type CallWorld = {
  readonly day: Day;
  readonly random: Random;
  /** Those that the thresholds name, and the usual one. */
  readonly providersOf: (stage: StageName) => readonly string[];
  readonly troubleAt: (atMs: number) => Trouble;
};

/** A call that begins at `startMs` (milliseconds of the day): greeting, turns, the record, hang-up. */
export function runCall(world: CallWorld, startMs: number): void {
  const { day, random } = world;
  let atMs = startMs;
  day.answer({ service: BOT, atMs, durationMs: 12 + 10 * random(), status: 200 });
  atMs += 1000;
  execute(world, Stage.setup, atMs);
  const turns = 4 + Math.floor(random() * 6);
  for (let turn = 0; turn < turns; turn += 1) {
    // The caller speaks, the bot answers.
    atMs += 2000 + 4000 * random();
    atMs += runTurn(world, atMs);
    atMs += 3000 + 3000 * random();
  }
  const save = execute(world, Stage.save, atMs);
  day.answer({ service: RECORDS, atMs, durationMs: save.durationMs * 0.8, status: save.failed ? 503 : 201 });
  day.answer({ service: BOT, atMs: atMs + 1000, durationMs: 5, status: 200 });
  day.endCall(atMs + 1000);
}

/** @returns how long the caller waited, milliseconds */
function runTurn(world: CallWorld, atMs: number): number {
  const { random } = world;
  execute(world, Stage.transcription, atMs);
  if (random() < 0.2) execute(world, Stage.retrieval, atMs);
  const reply = execute(world, Stage.reply, atMs);
  const waitMs = reply.failed ? 0 : runWait(world, atMs);
  for (let sentence = 0; sentence < 1 + random() * 2; sentence += 1) execute(world, Stage.synthesis, atMs);
  execute(world, Stage.extraction, atMs);
  if (random() < 0.1) execute(world, Stage.bargeIn, atMs);
  return waitMs;
}

function runWait(world: CallWorld, atMs: number): number {
  const { firstTokenMs } = world.troubleAt(atMs);
  const parts = drawParts(world.random).map(([stage, ms]) =>
    stage === Stage.llmFirstToken ? ([stage, firstTokenMs ?? ms] as const) : ([stage, ms] as const),
  );
  for (const [stage, durationMs] of parts) record(world, { stage, atMs, durationMs, failed: false });
  const durationMs = parts.reduce((sum, [, ms]) => sum + ms, 0);
  record(world, { stage: Stage.responseGap, atMs, durationMs, failed: false });
  return durationMs;
}

function drawParts(random: Random): readonly (readonly [StageName, number])[] {
  for (;;) {
    const parts = PARTS.map((stage) => [stage, drawMs(HEALTHY[stage], random)] as const);
    if (parts.reduce((sum, [, ms]) => sum + ms, 0) <= LONGEST_HEALTHY_WAIT_MS) return parts;
  }
}

/** An error comes after this: a refused connection and its retries. */
const FAILS_AFTER_MS = 400;

function execute(world: CallWorld, stage: Exclude<StageName, 'response_gap'>, atMs: number): Execution {
  const trouble = world.troubleAt(atMs);
  const healthyMs = drawMs(HEALTHY[stage], world.random);
  const failed = trouble.failing?.includes(stage) ?? false;
  const longerMs = stage === Stage.reply ? (trouble.firstTokenMs ?? 0) : 0;
  const durationMs = trouble.slowMs?.[stage] ?? (failed ? FAILS_AFTER_MS : healthyMs + longerMs);
  return record(world, { stage, atMs, durationMs, failed });
}

function record(world: CallWorld, ended: Omit<Execution, 'provider'>): Execution {
  const names = OF_PROVIDER.includes(ended.stage) ? world.providersOf(ended.stage) : [NO_PROVIDER];
  const provider = names[Math.floor(world.random() * names.length)] ?? NO_PROVIDER;
  const execution = { ...ended, provider };
  world.day.execute(execution);
  return execution;
}
