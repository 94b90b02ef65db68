import type { Attributes, Context } from '@opentelemetry/api';
import { wrongOption } from '../check-options.ts';
import { Attr, type EosSource, SpanName, type TurnEndReason } from '../conventions/index.ts';
import { recordFailure } from '../error-type.ts';
import { type CallRef, withCallRef } from './call-context.ts';
import type { CallSpan } from './call-span.ts';
import { readTurnEnd } from './closed-word.ts';
import type { OpenTurn } from './observer.ts';
import { instantOr, type OpenSpans, type Telling } from './open-spans.ts';

/** One turn of a call: an exchange that starts with the caller's speech (or, turn 0, with the greeting). */
export type TurnTrace = {
  readonly index: number;
  readonly context: Context;
  setAttributes(attributes: Attributes): void;
  /** The bot has decided that the caller's speech is over; without it, the start of the transcription is taken. */
  committed(atMs?: number, source?: EosSource): void;
  /** What the bot says from now on is a filler ("one moment"), or (`false`) the answer. */
  speaksFiller(isFiller: boolean): void;
  /** The turn failed for a reason that no stage of it shows. */
  recordFailure(error: unknown): void;
  /** Ends the turn once. `endedAtMs`: when its last sound was heard, or cleared. */
  end(reason: TurnEndReason, endedAtMs?: number): void;
};

/** A turn and what its call does with it. */
export type TurnState = {
  readonly trace: TurnTrace;
  readonly span: CallSpan['span'];
  /** The largest segment of its gap, once that is known. */
  readonly criticalSegment: string;
  readonly endReason: TurnEndReason | undefined;
  /** Lets the observers finish with the turn; its span is ended by whoever called. */
  close(reason: TurnEndReason, endedAtMs: number): void;
};

type TurnInfo = {
  readonly ref: CallRef;
  readonly index: number;
  readonly parent: CallSpan;
  readonly agentName: string | undefined;
  readonly startedAtMs: number;
  /** The call has ended: the turn is nobody's, and nobody is told of it. */
  readonly isAfterEnd: boolean;
};

type TurnTools = {
  readonly open: OpenSpans;
  readonly now: () => number;
  readonly tell: Telling;
  readonly guard: (attributes: Attributes) => Attributes;
  readonly onEnd: (turn: TurnState) => void;
  /** Told what the app said that cannot be. */
  readonly misused: (kind: string, error: TypeError) => void;
};

/** Starts the span of a turn below its call. */
export function startTurnTrace(tools: TurnTools, info: TurnInfo): TurnState {
  const { open, now, tell, guard } = tools;
  if (!Number.isInteger(info.index) || info.index < 0) {
    tools.misused('bad_turn', wrongOption('startTurn: the number of the turn', info.index, '0, 1, 2 and so on'));
  }
  const context = withCallRef(info.parent.context, { ...info.ref, turnIndex: info.index });
  const attributes = {
    [Attr.operationName]: 'invoke_agent',
    ...(info.agentName ? { [Attr.agentName]: info.agentName } : {}),
  };
  const callSpan = open.start({ name: SpanName.turn, attributes, startedAtMs: info.startedAtMs }, context);
  let isOpen = !info.isAfterEnd;
  let criticalSegment = 'none';
  let endReason: TurnEndReason | undefined;
  let isEnded = info.isAfterEnd;
  const setAttributes = (values: Attributes) => {
    if (isEnded) return;
    const guarded = guard(values);
    const segment = guarded[Attr.criticalSegment];
    if (typeof segment === 'string') criticalSegment = segment;
    callSpan.span.setAttributes(guarded);
  };
  callSpan.onEnding(() => {
    isEnded = true;
  });
  const openTurn: OpenTurn = {
    index: info.index,
    context: callSpan.context,
    startedAtMs: info.startedAtMs,
    setAttributes,
  };
  const state: TurnState = {
    span: callSpan.span,
    get criticalSegment() {
      return criticalSegment;
    },
    get endReason() {
      return endReason;
    },
    close(reason, endedAtMs) {
      if (!isOpen) return;
      isOpen = false;
      endReason = reason;
      tell((observer) => observer.turnEnding?.(openTurn, reason, endedAtMs));
      callSpan.span.setAttribute(Attr.turnEndReason, reason);
      tools.onEnd(state);
    },
    trace: {
      index: info.index,
      context: callSpan.context,
      setAttributes,
      committed(toldMs, source = 'local_vad') {
        const atMs = instantOr(toldMs, now);
        if (isOpen) tell((observer) => observer.turnCommitted?.(openTurn, atMs, source));
      },
      speaksFiller(isFiller) {
        if (isOpen) tell((observer) => observer.fillerChanged?.(openTurn, isFiller));
      },
      recordFailure(error) {
        if (!isEnded) recordFailure(callSpan.span, error);
      },
      end(told, toldMs) {
        if (!isOpen) return;
        const { word: reason, error } = readTurnEnd(told);
        if (error) tools.misused('bad_turn_end', error);
        const endedAtMs = instantOr(toldMs, now);
        state.close(reason, endedAtMs);
        callSpan.end(endedAtMs);
      },
    },
  };
  if (isOpen) tell((observer) => observer.turnStarted?.(openTurn));
  return state;
}
