import type { Attributes, Context, Span } from '@opentelemetry/api';
import type { EosSource, ErrorTypeName, StageName, TurnEndReason } from '../conventions/index.ts';

/** A stage of a call while its span is open. Times are monotonic milliseconds (see CallClock). */
export type OpenStage = {
  readonly name: string;
  readonly stage: StageName;
  readonly turnIndex: number | undefined;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly startedAtMs: number;
  readonly span: Span;
  readonly context: Context;
};

/** What an observer may do with a turn whose span is still open. */
export type OpenTurn = {
  readonly index: number;
  readonly context: Context;
  readonly startedAtMs: number;
  setAttributes(attributes: Attributes): void;
};

/**
 * Told what happens in one call, in the order in which it happens; all times are monotonic milliseconds. Whoever
 * measures (gap, limits, cost) is an observer. An observer that throws is reported once a minute and never breaks a call.
 */
export type CallObserver = {
  turnStarted?(turn: OpenTurn): void;
  /** The caller's speech of this turn is over, so it was decided at `atMs`. */
  turnCommitted?(turn: OpenTurn, atMs: number, source: EosSource): void;
  /** What the bot says from now on in this turn is a filler ("one moment"), or no longer one. */
  fillerChanged?(turn: OpenTurn, isFiller: boolean): void;
  /** Before the turn's span ends: spans and attributes can still be added. */
  turnEnding?(turn: OpenTurn, reason: TurnEndReason, endedAtMs: number): void;
  stageStarted?(stage: OpenStage): void;
  /** First token, first byte: once a stage. */
  stageFirstOutput?(stage: OpenStage, atMs: number): void;
  /** Before the stage's span ends; `error` is what it failed of, when that was told. */
  stageEnding?(stage: OpenStage, endedAtMs: number, failure: ErrorTypeName | undefined, error?: unknown): void;
  /** Before anything of the call is closed. */
  callEnding?(endedAtMs: number): void;
};

/** Tells every observer; what one of them throws goes to `onFailure`. */
export function createObserverList(onFailure: (error: unknown) => void): {
  add(observer: CallObserver): void;
  tell(telling: (observer: CallObserver) => void): void;
} {
  const observers: CallObserver[] = [];
  return {
    add: (observer) => void observers.push(observer),
    tell(telling) {
      for (const observer of observers) {
        try {
          telling(observer);
        } catch (error) {
          onFailure(error);
        }
      }
    },
  };
}
