/** What the line knows of one turn: its wait, and where on the line's clock the caller's words began. Milliseconds. */
export type TrueTurn = { readonly speechStartMs: number; readonly trueWaitMs: number | null };

/** What the trace says of one turn. */
export type MeasuredTurn = {
  /** Start of `user_speech`, epoch milliseconds; null when the turn has none. */
  readonly speechStartMs: number | null;
  readonly gapMs: number | null;
  readonly source: string;
  readonly uncertaintyMs: number;
  readonly segmentsMs: readonly number[];
  readonly unmeasured: string | null;
};

/** A turn whose wait both sides know. */
export type ComparedTurn = {
  readonly source: string;
  readonly errorMs: number;
  readonly uncertaintyMs: number;
  /** Sum of the seven segments less the gap. */
  readonly segmentErrorMs: number;
};

/** The turns of one call. `missed`: the line knows a wait that the trace does not have. */
export type ComparedCall = { readonly compared: readonly ComparedTurn[]; readonly missed: readonly string[] };

/** Words of the line and of the trace belong together when they begin this close to each other (milliseconds). */
const SAME_SPEECH_MS = 700;

/**
 * Pairs turns by when the caller began to speak. The two clocks have no common origin: the first words set it.
 */
export function compareCall(truth: readonly TrueTurn[], measured: readonly MeasuredTurn[]): ComparedCall {
  const spoken = measured.filter((turn) => turn.speechStartMs !== null);
  const offsetMs = (spoken[0]?.speechStartMs ?? 0) - (truth[0]?.speechStartMs ?? 0);
  const compared: ComparedTurn[] = [];
  const missed: string[] = [];
  for (const { speechStartMs, trueWaitMs } of truth) {
    if (trueWaitMs === null) continue;
    const turn = spoken.find((one) => Math.abs((one.speechStartMs ?? 0) - offsetMs - speechStartMs) < SAME_SPEECH_MS);
    if (!turn || turn.gapMs === null) missed.push(turn?.unmeasured ?? 'no_turn');
    else compared.push(compareTurn(turn, turn.gapMs, trueWaitMs));
  }
  return { compared, missed };
}

function compareTurn(turn: MeasuredTurn, gapMs: number, trueWaitMs: number): ComparedTurn {
  const { source, uncertaintyMs, segmentsMs } = turn;
  const segmentErrorMs = segmentsMs.reduce((sum, segment) => sum + segment, 0) - gapMs;
  return { source, uncertaintyMs, errorMs: gapMs - trueWaitMs, segmentErrorMs };
}

/** How well waits were measured. */
export type WaitFigures = {
  readonly turns: number;
  readonly coveragePct: number;
  readonly mediaClockPct: number;
  /** Over turns whose source is the media clock. */
  readonly p99AbsErrorMs: number | null;
  readonly maxAbsErrorMs: number | null;
  readonly medianErrorMs: number | null;
  /** Over turns of the other sources; null when there are none. */
  readonly withinUncertaintyPct: number | null;
  readonly maxSegmentErrorMs: number;
};

export function summarize(calls: readonly ComparedCall[]): WaitFigures {
  const compared = calls.flatMap((call) => call.compared);
  const missed = calls.flatMap((call) => call.missed);
  const onLine = compared.filter((turn) => turn.source === 'media_clock');
  const others = compared.filter((turn) => turn.source !== 'media_clock');
  const within = others.filter((turn) => Math.abs(turn.errorMs) <= turn.uncertaintyMs);
  const absolute = onLine.map((turn) => Math.abs(turn.errorMs));
  const turns = compared.length + missed.length;
  return {
    turns,
    coveragePct: percent(compared.length, turns) ?? 0,
    mediaClockPct: percent(onLine.length, compared.length) ?? 0,
    p99AbsErrorMs: quantile(absolute, 0.99),
    maxAbsErrorMs: quantile(absolute, 1),
    medianErrorMs: quantile(
      onLine.map((turn) => turn.errorMs),
      0.5,
    ),
    withinUncertaintyPct: percent(within.length, others.length),
    maxSegmentErrorMs: Math.max(0, ...compared.map((turn) => Math.abs(turn.segmentErrorMs))),
  };
}

function percent(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((part / whole) * 1000) / 10;
}

/** Nearest rank. */
function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return value === undefined ? null : Math.round(value * 10) / 10;
}
