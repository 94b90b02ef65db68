import {
  Attr,
  type CallEndReason,
  type CallOutcome,
  ErrorType,
  type ErrorTypeName,
  type SaveOutcome,
  SEGMENTS,
  type ThresholdLevel,
  type TurnEndReason,
  type UnmeasuredReason,
} from './attributes.ts';
import type { Metric } from './metrics.ts';

/** Every value of a union, so that one that is added later cannot be forgotten here. */
function every<T extends string>(values: Readonly<Record<T, true>>): readonly T[] {
  return Object.keys(values) as T[];
}

/** Why a media stream is refused (`voice.call.rejected`): by its token, its start, or because the call has a stream already. */
export type RejectReason =
  | 'token_missing'
  | 'token_forged'
  | 'token_expired'
  | 'token_wrong_call'
  | 'token_used'
  | 'no_start'
  | 'media_format'
  | 'already_streaming';

/** Values of `result` of `voice.extraction.count`. */
export type ExtractionResult = 'valid' | 'invalid' | 'failed';

/** Values of `severity` of `callspan.log.records`. */
export const LOG_SEVERITIES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** Values of `level` of `voice.threshold.breaches`. */
export const THRESHOLD_LEVELS: readonly ThresholdLevel[] = every<ThresholdLevel>({ warning: true, critical: true });

/** Values of `voice.call.end_reason`. */
export const CALL_END_REASONS: readonly CallEndReason[] = every<CallEndReason>({
  caller_hangup: true,
  bot_hangup: true,
  stream_error: true,
  watchdog: true,
  transfer: true,
  shutdown: true,
  abandoned: true,
});

/** Values of `voice.call.outcome`. */
export const CALL_OUTCOMES: readonly CallOutcome[] = every<CallOutcome>({
  saved: true,
  no_record: true,
  abandoned: true,
  rejected: true,
  failed: true,
  interrupted: true,
});

/** Values of `voice.turn.end_reason`. */
export const TURN_END_REASONS: readonly TurnEndReason[] = every<TurnEndReason>({
  completed: true,
  interrupted: true,
  session_closed: true,
});

/** What stands in the place of a word that is not in its closed list, as OpenTelemetry has it. */
export const OTHER_VALUE = '_OTHER';

/** Being cut short is no failure: it is not counted as one. */
const FAILURES: readonly ErrorTypeName[] = Object.values(ErrorType).filter((type) => type !== ErrorType.cancelled);

/**
 * The values of each label of the counters whose labels are all closed, whatever the bot. They begin with 0: `rate` sees
 * the first error only as a rise from something. Not here: counters with an open label (model, language, cache, limit
 * of one's own), and those without labels, which have one value.
 */
export const CLOSED_LABELS = {
  turnCount: {
    [Attr.turnEndReason]: TURN_END_REASONS,
    [Attr.criticalSegment]: [...SEGMENTS, 'none'],
  },
  turnUnmeasured: {
    reason: every<UnmeasuredReason>({
      bot_first: true,
      caller_resumed: true,
      barge_in_before_audio: true,
      no_reply: true,
      no_media: true,
      insane: true,
    }),
  },
  callRejected: {
    reason: every<RejectReason>({
      token_missing: true,
      token_forged: true,
      token_expired: true,
      token_wrong_call: true,
      token_used: true,
      no_start: true,
      media_format: true,
      already_streaming: true,
    }),
  },
  extractionCount: { result: every<ExtractionResult>({ valid: true, invalid: true, failed: true }) },
  saveCount: { outcome: every<SaveOutcome>({ saved: true, duplicate: true, queued: true, dead: true }) },
  errors: { [Attr.errorType]: FAILURES, severity: ['error'] },
} as const satisfies Partial<Record<keyof typeof Metric, Readonly<Record<string, readonly string[]>>>>;
