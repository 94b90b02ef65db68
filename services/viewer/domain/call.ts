/** A call as people see it. All times are epoch milliseconds (fractions allowed), all durations milliseconds. */

export type AttributeValue = string | number | boolean | readonly AttributeValue[] | null;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** `live`: going on. `ended`: its final voice.call span is stored, or, where it never had one, Twilio's word that it is over (its
 * outcome is then `abandoned`). `lost`: nothing came for 30 s and no end was seen. */
export type CallState = 'live' | 'ended' | 'lost';

export type StageTime = {
  readonly stage: string;
  readonly durationMs: number;
  readonly turnIndex: number | null;
  readonly spanId: string;
};

/** The wait of one turn of the caller; `durationMs` null: it could not be measured, `unmeasured` says why where it is known. */
export type WaitTime = {
  readonly turnIndex: number;
  readonly durationMs: number | null;
  /** voice.gap.source */
  readonly source: string | null;
  /** voice.threshold.level */
  readonly level: string | null;
  /** voice.turn.critical_segment */
  readonly segment: string | null;
  /** voice.turn.unmeasured_reason */
  readonly unmeasured: string | null;
};

/** US dollars; `isKnown` false: a lower bound, because a part has no price or the call goes on. */
export type CallCost = { readonly usd: number; readonly isKnown: boolean };

export type CallSummary = {
  readonly callSid: string;
  readonly traceId: string;
  readonly streamSid: string | null;
  readonly state: CallState;
  /** voice.call.outcome, null while live. */
  readonly outcome: string | null;
  readonly endReason: string | null;
  readonly language: string | null;
  readonly direction: string | null;
  readonly callerHash: string | null;
  readonly startedAtMs: number;
  /** Null while live. */
  readonly durationMs: number | null;
  /** Turns of the caller: the greeting (turn 0) is not counted. */
  readonly turns: number;
  /** The longest finished stage span of the call. */
  readonly worstStage: StageTime | null;
  /** Waits of the caller in order of turns, at most 200, of more the longest; empty for a call whose bot measures none. */
  readonly waits: readonly WaitTime[];
  /** Null when nothing of the call has told a cost. */
  readonly cost: CallCost | null;
  /** Steps that failed; what fails within a failed step is part of its failure. */
  readonly errors: number;
  readonly services: readonly string[];
};

/** A span as the page draws it; `durationMs` is null while it is open (announced, not ended). */
export type SpanView = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly service: string;
  readonly scope: string | null;
  readonly startMs: number;
  readonly durationMs: number | null;
  readonly status: 'unset' | 'ok' | 'error';
  readonly statusMessage: string | null;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly timeMs: number; readonly attributes: Attributes }[];
};

export type LogLine = {
  readonly timeMs: number;
  /** trace, debug, info, warn, error or fatal. */
  readonly severity: string;
  readonly body: string;
  readonly eventName: string | null;
  readonly service: string;
  /** The logger's context (instrumentation scope name). */
  readonly scope: string | null;
  readonly spanId: string | null;
  readonly attributes: Attributes;
};

export type TurnSummary = {
  readonly index: number;
  readonly startedAtMs: number;
  readonly durationMs: number | null;
  readonly endReason: string | null;
  /** What the bot understood: body of the voice.transcript records of the turn; null where content is not captured. */
  readonly transcribed: string | null;
  /** What the bot answered: body of the voice.reply records of the turn. */
  readonly replied: string | null;
};

export type CallDetail = CallSummary & {
  readonly turnList: readonly TurnSummary[];
  /** Spans that are open now. Finished ones come from `/tempo/api/v2/traces/{traceId}`. */
  readonly pending: readonly SpanView[];
  /** Log records of the trace, oldest first, at most 2,000: of more what was said, heard and went wrong before the rest. */
  readonly logs: readonly LogLine[];
};

/** `GET /api/v1/calls?limit=50&before=MS`: newest first. `nextBefore` is the cursor of the next page, null at the end. */
export type CallPage = { readonly calls: readonly CallSummary[]; readonly nextBefore: number | null };

/**
 * `GET /api/v1/live` (server-sent events; `id:` is a sequence number, `Last-Event-ID` resumes; comment lines as heartbeat):
 * `call`: the call's row changed · `trace`: spans started or ended · `log`: a line of a call · `resync`: fetch everything again.
 */
export type LiveEvent =
  | { readonly event: 'call'; readonly data: CallSummary }
  | {
      readonly event: 'trace';
      readonly data: { readonly traceId: string; readonly callSid: string | null; readonly spans: readonly SpanView[] };
    }
  | { readonly event: 'log'; readonly data: { readonly traceId: string; readonly line: LogLine } }
  | { readonly event: 'resync'; readonly data: Record<string, never> };
