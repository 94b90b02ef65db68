import { context } from '@opentelemetry/api';
import { type CallContent, type CallSpan, type CallTrace, errorTypeOf, type LogFields, type Logger } from 'callspan';
import { Attr, LogEvent, SpanEvent, SpanName, Stage } from 'callspan/conventions';
import { ProviderError } from '../domain/errors.ts';
import type { CallListener, Language } from '../domain/ports.ts';
import type { Extraction } from '../domain/record.ts';

const CONTENT_EVENT = {
  transcript: LogEvent.transcript,
  reply: LogEvent.reply,
  prompt: LogEvent.prompt,
  extraction: LogEvent.extraction,
} as const;

export type TraceListenerOptions = {
  readonly call: CallTrace;
  readonly logger: Logger;
  readonly content: CallContent;
  /** Stands for the caller's number, which is not kept; null without key or number. */
  readonly callerHash: string | null;
  /** Virtual milliseconds of the bot's clock per real millisecond: spans show real time. */
  readonly speed: number;
  /** When the webhook was answered, epoch milliseconds: where `voice.setup` begins. */
  readonly webhookAnsweredAtMs: number;
};

type ArgumentsOf<K extends keyof CallListener> = Parameters<CallListener[K]>;

/** Turns what happens in a conversation into the spans, logs and content of its trace. */
export class TraceListener implements CallListener {
  readonly #options: TraceListenerOptions;
  readonly #acceptedAtMs: number;
  readonly #setup: CallSpan;
  readonly #turns = new Map<number, ReturnType<CallTrace['startTurn']>>();
  #wrapUp: CallSpan | undefined;

  constructor(options: TraceListenerOptions) {
    const { call, webhookAnsweredAtMs } = options;
    this.#options = options;
    this.#acceptedAtMs = call.clock.now();
    const startedAtMs = this.#acceptedAtMs - Math.max(0, Date.now() - webhookAnsweredAtMs);
    this.#setup = call.startSpan({ name: SpanName.setup, stage: Stage.setup, startedAtMs });
    this.#log(undefined, 'call started', { event: LogEvent.callStarted });
  }

  turnStarted(turnIndex: number, startedAtMs: number): void {
    this.#turns.set(turnIndex, this.#options.call.startTurn(turnIndex, this.#real(startedAtMs)));
  }

  callerSpoke(turnIndex: number): void {
    this.#turns.get(turnIndex)?.committed();
  }

  said(turnIndex: number, what: keyof typeof CONTENT_EVENT, text: string): void {
    const { call, content } = this.#options;
    content.record(CONTENT_EVENT[what], text, call.contextOf(turnIndex));
  }

  extracted(turnIndex: number, extraction: Extraction): void {
    const { name, place, callbackNumber } = extraction;
    this.said(turnIndex, 'extraction', JSON.stringify(extraction));
    this.#options.content.know({ name, place, callbackNumber });
  }

  languageHeard(language: Language): void {
    this.#options.call.setAttributes({ [Attr.callLanguage]: language });
  }

  greetingHeard(atMs: number): void {
    this.#setup.end(this.#real(atMs));
  }

  fillerStarted(turnIndex: number): void {
    this.#turns.get(turnIndex)?.speaksFiller(true);
  }

  answerStarted(turnIndex: number): void {
    this.#turns.get(turnIndex)?.speaksFiller(false);
  }

  turnEnded(turnIndex: number, reason: ArgumentsOf<'turnEnded'>[1], endedAtMs: number): void {
    // A greeting that was never heard must not make the connection look as long as the call.
    if (turnIndex === 0) this.#setup.end(this.#real(endedAtMs));
    this.#turns.get(turnIndex)?.end(reason, this.#real(endedAtMs));
  }

  providerFailed(turnIndex: number, stage: string, error: unknown): void {
    // A provider's failure stands on the span of its stage; any other has only the turn to stand on.
    if (!(error instanceof ProviderError)) this.#turns.get(turnIndex)?.recordFailure(error);
    const fields = { event: LogEvent.callFailed, stage, [Attr.errorType]: errorTypeOf(error), error };
    this.#log(turnIndex, `${stage} failed`, fields, 'warn');
  }

  dtmf(): void {
    this.#options.call.addEvent(SpanEvent.dtmf);
  }

  wrapUpStarted(atMs: number): void {
    this.#wrapUp = this.#options.call.startSpan({ name: SpanName.wrapUp, startedAtMs: this.#real(atMs) });
  }

  ended(end: ArgumentsOf<'ended'>[0]): void {
    const { call, callerHash } = this.#options;
    const { reason, outcome, turns } = end;
    const endedAtMs = this.#real(end.endedAtMs);
    this.#wrapUp?.end();
    // Callers are counted by this line: no metric has a label with so many values.
    const caller = callerHash === null ? {} : { [Attr.callerHash]: callerHash };
    this.#log(undefined, 'call finished', { event: LogEvent.callFinished, outcome, reason, turns, ...caller });
    call.end({
      reason,
      outcome,
      endedAtMs,
      attributes: {
        [Attr.callTurns]: turns,
        [Attr.callBargeIns]: end.bargeIns,
        [Attr.callDurationMs]: Math.round(endedAtMs - this.#acceptedAtMs),
      },
    });
  }

  #real(virtualMs: number): number {
    return virtualMs / this.#options.speed;
  }

  #log(turnIndex: number | undefined, message: string, fields: LogFields, level: 'info' | 'warn' = 'info'): void {
    const { call, logger } = this.#options;
    context.with(call.contextOf(turnIndex), () => logger[level](message, fields));
  }
}
