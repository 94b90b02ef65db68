import { evaluationFrom, type Firing, fires, type Series, STEP_MS, type TestGroup, testGroup } from './test-file.ts';

/** A series: a counter grows by so much a step, a gauge has a first value and grows by nothing. */
export type Line = { readonly series: string; readonly from?: number; readonly by: number };

/** What a counter has before it starts again: much more than is allowed. */
const OLD = 100_000;

/** What shows that an alert fires when it should, and only then. Every proof of a file has metrics of its own. */
export type Proof = {
  readonly firing: readonly Firing[];
  /** When its expression is true first, with the series of `over`. */
  readonly fromMs: number;
  readonly forMs: number;
  /** How far back its expression looks. */
  readonly windowMs?: number;
  /** Clearly too much. */
  readonly over: readonly Line[];
  /** A little more than allowed; fires at the end. */
  readonly justOver: readonly Line[];
  /** Exactly what is allowed. */
  readonly exactly: readonly Line[];
  /** All is well. */
  readonly healthy: readonly Line[];
};

/** Prometheus looks so far back for a value. */
const LOOKBACK_MS = 300_000;
const FEWEST_STEPS = 40;

/** Steps in which all of them have come to rest. */
function settledSteps(proofs: readonly Proof[]): number {
  const restMs = proofs.map(({ fromMs, forMs, windowMs = LOOKBACK_MS }) => fromMs + forMs + windowMs);
  return Math.max(FEWEST_STEPS, Math.ceil(Math.max(...restMs) / STEP_MS) + 8);
}

/** The courses of events that prove all of them at once. */
export function provenBy(proofs: readonly Proof[], evaluationMs: number): readonly TestGroup[] {
  const isFiring = ({ firing }: Proof) => firing;
  const nothing = () => [];
  const steps = settledSteps(proofs);
  const settledMs = steps * STEP_MS;
  const steady = (
    name: string,
    lines: (proof: Proof) => readonly Line[],
    expected: (proof: Proof) => readonly Firing[],
  ) =>
    testGroup(
      name,
      proofs.flatMap((proof) => lines(proof).map((line) => toSeries(line, steps + 4))),
      proofs.map((proof) => check(proof, settledMs, expected(proof), evaluationMs)),
    );
  return [
    steady('healthy: silent', (proof) => proof.healthy, nothing),
    overCase(proofs, evaluationMs),
    steady('a little more than allowed: fires', (proof) => proof.justOver, isFiring),
    steady('exactly what is allowed: silent', (proof) => proof.exactly, nothing),
    vanishCase(proofs, evaluationMs),
    restartCase(proofs, evaluationMs),
  ];
}

function overCase(proofs: readonly Proof[], evaluationMs: number): TestGroup {
  return testGroup(
    'too much: fires when it has lasted, not before',
    proofs.flatMap(({ over }) => over.map((line) => toSeries(line, settledSteps(proofs)))),
    proofs.flatMap((proof) => {
      const firesAtMs = evaluationFrom(proof.fromMs, evaluationMs) + evaluationFrom(proof.forMs, evaluationMs);
      const before = firesAtMs >= evaluationMs ? [check(proof, firesAtMs - evaluationMs, [], evaluationMs)] : [];
      return [...before, check(proof, firesAtMs, proof.firing, evaluationMs)];
    }),
  );
}

function vanishCase(proofs: readonly Proof[], evaluationMs: number): TestGroup {
  const steps = settledSteps(proofs);
  const seenMs = Math.max(LOOKBACK_MS, ...proofs.map(({ windowMs = 0 }) => windowMs));
  const endMs = steps * STEP_MS + seenMs + 2 * evaluationMs;
  return testGroup(
    'its series vanish: resolved',
    proofs.flatMap(({ over }) => over.map((line) => toSeries(line, steps, ` _x${Math.ceil(endMs / STEP_MS)}`))),
    proofs.flatMap((proof) => [
      check(proof, (steps - 1) * STEP_MS, proof.firing, evaluationMs),
      check(proof, endMs, [], evaluationMs),
    ]),
  );
}

function restartCase(proofs: readonly Proof[], evaluationMs: number): TestGroup {
  const steps = settledSteps(proofs);
  return testGroup(
    'healthy, counters start again: silent',
    proofs.flatMap(({ healthy }) =>
      healthy.map((line) => {
        const { series, values } = toSeries(line, steps);
        const old = toSeries({ ...line, from: line.from ?? OLD }, steps);
        return { series, values: `${old.values} ${values}` };
      }),
    ),
    proofs.flatMap((proof) => [0, 1, 2, 20].map((after) => check(proof, (steps + after) * STEP_MS, [], evaluationMs))),
  );
}

function toSeries({ series, from = 0, by }: Line, steps: number, after = ''): Series {
  return { series, values: `${from}+${by}x${steps - 1}${after}` };
}

function check({ firing }: Proof, atMs: number, expected: readonly Firing[], evaluationMs: number) {
  const name = firing[0]?.alertname ?? '';
  return fires(evaluationFrom(atMs, evaluationMs), `alertname=${JSON.stringify(name)}`, expected);
}
