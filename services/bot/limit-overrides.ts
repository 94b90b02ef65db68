import { type Figures, type LimitFile, listFigures } from './limit-file.ts';

/** Every variable that overrides a limit begins so: `CALLSPAN_THRESHOLD_REPLY_WARNING_MS`. */
export const OVERRIDE_PREFIX = 'CALLSPAN_THRESHOLD_';

type Level = 'warning' | 'critical';
type Variables = Readonly<Record<string, string>>;

/**
 * Puts what variables say over the limits of the file. A value must be a bound of the histograms that alerts count in:
 * any other would be a limit that the watchdog knows and no alert can measure.
 * @throws Error of one line that names the variable, its value and the nearest that is right
 */
export function applyOverrides(file: LimitFile, overrides: Variables): LimitFile {
  const known = listFigures(file).flatMap(({ id }) => [variableOf(id, 'warning'), variableOf(id, 'critical')]);
  for (const [variable, text] of Object.entries(overrides)) {
    if (!known.includes(variable)) {
      throw new Error(`${variable}=${text}: overrides no limit; the nearest is ${findNearest(variable, known)}`);
    }
    refuseNoBound(variable, text, file.boundsMs);
  }
  const over = <T extends Figures>(row: T, of?: Figures): T => overrideRow(row, of, overrides);
  const stageRow = (row: LimitFile['limits'][number]) =>
    row.provider === undefined
      ? undefined
      : file.limits.find(({ stage, provider }) => stage === row.stage && provider === undefined);
  return {
    ...file,
    limits: file.limits.map((row) => over(row, stageRow(row))),
    deadAir: over(file.deadAir),
    eventLoopBlocked: over(file.eventLoopBlocked),
  };
}

function variableOf(id: string, level: Level): string {
  return `${OVERRIDE_PREFIX}${id}_${level}_MS`.toUpperCase();
}

/** `of`: the row for all providers; where a provider has its figure, it follows what is set for all. */
function overrideRow<T extends Figures>(row: T, of: Figures | undefined, overrides: Variables): T {
  const said = (['warning', 'critical'] as const).flatMap((level) => {
    const ids = of && of[`${level}Ms`] === row[`${level}Ms`] ? [row.id, of.id] : [row.id];
    const variable = ids.map((id) => variableOf(id, level)).find((name) => overrides[name] !== undefined);
    return variable === undefined ? [] : [{ variable, figure: `${level}Ms` as const, ms: Number(overrides[variable]) }];
  });
  const next: T = { ...row, ...Object.fromEntries(said.map(({ figure, ms }) => [figure, ms])) };
  if (next.warningMs <= next.criticalMs) return next;
  const by = said.map(({ variable, ms }) => `${variable}=${ms}`).join(' and ');
  throw new Error(`${by}: ${row.id} would warn above ${next.warningMs} ms and be critical above ${next.criticalMs} ms`);
}

function refuseNoBound(variable: string, text: string, boundsMs: readonly number[]): void {
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : Number.NaN;
  if (boundsMs.includes(ms)) return;
  if (Number.isNaN(ms)) throw new Error(`${variable}=${text}: must be milliseconds, such as 2500`);
  const near = [boundsMs.findLast((bound) => bound < ms), boundsMs.find((bound) => bound > ms)];
  const known = near.filter((bound) => bound !== undefined);
  const nearest = known.length === 1 ? `the nearest is ${known[0]}` : `the nearest are ${known.join(' and ')}`;
  // Less than a frame of audio was meant as seconds.
  const meant = ms > 0 && ms < 20 ? `; ${ms} s would be ${Math.round(ms * 1000)}` : '';
  throw new Error(
    `${variable}=${text}: no bound of the histograms that alerts count in; ${nearest}, any other comes from thresholds/thresholds.yaml by npm run generate${meant}`,
  );
}

function findNearest(name: string, known: readonly string[]): string | undefined {
  return known.toSorted((one, other) => editsBetween(name, one) - editsBetween(name, other))[0];
}

/** How many letters have to be added, left out or replaced (Levenshtein). */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [at, against] of [...other].entries()) {
      const replaced = (row[at] ?? 0) + (letter === against ? 0 : 1);
      next.push(Math.min(replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
