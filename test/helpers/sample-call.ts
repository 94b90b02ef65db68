import { Attr, LogEvent, SpanName, Stage } from 'callspan/conventions';
import type { CallDetail, CallSummary, LogLine, SpanView, TurnSummary } from '../../services/viewer/api/types.ts';
import { CONVERSATIONS } from './sample-conversation.ts';
import { createEnvelope } from './sample-envelope.ts';
import { addTurn } from './sample-spans.ts';
import { summarise } from './sample-summary.ts';
import { createSpanBuilder, type SpanBuilder } from './span-builder.ts';

export type SampleOptions = {
  /** Epoch milliseconds of Twilio's webhook. */
  readonly startedAtMs: number;
  readonly seed?: number;
  /** `hard`: an English call with all that a plain one does not have. */
  readonly language?: 'fr' | 'en' | 'hard';
  /** Whether the bot measures: waits with their segments (`voice.response_gap`), costs, loudness (`voice.envelope`). */
  readonly withGap?: boolean;
  /** Whether saving the record fails. */
  readonly failsToSave?: boolean;
  /** Whether a part of the call has no price. */
  readonly hasUnknownCost?: boolean;
};

/** A call as the viewer knows it when it has ended. `spans` are those of its trace, all finished. */
export type SampleCall = {
  readonly detail: CallDetail;
  readonly summary: CallSummary;
  readonly spans: readonly SpanView[];
};

/** A made-up appointment call with every span of section 1 of the telemetry contract that a plain call has. */
export function createSampleCall(options: SampleOptions): SampleCall {
  const { startedAtMs, seed = 7, language = 'fr', withGap = false, failsToSave = false } = options;
  const callSid = `CA${createSpanBuilder(seed + 500, {}).traceId}`;
  const builder = createSpanBuilder(seed, { [Attr.conversationId]: callSid });
  const logs: LogLine[] = [];
  const turnList: TurnSummary[] = [];
  const at = (offsetMs: number) => startedAtMs + offsetMs;
  const webhook = builder.add({
    name: SpanName.webhookVoice,
    parent: null,
    kind: 'server',
    fromMs: at(0),
    toMs: at(6.4),
    attributes: {
      [Attr.callSid]: callSid,
      [Attr.httpMethod]: 'POST',
      [Attr.httpRoute]: '/voice',
      [Attr.httpStatusCode]: 200,
    },
  });
  const call = builder.add({ name: SpanName.call, parent: webhook, fromMs: at(31), toMs: at(31) });
  builder.add({
    name: SpanName.setup,
    parent: call,
    fromMs: at(6),
    toMs: at(318),
    attributes: { [Attr.stage]: Stage.setup },
  });
  const log = createLogger(logs, callSid);
  log(at(32), LogEvent.callStarted, 'call started', call);
  let endMs = at(120);
  let lastTextMs = endMs;
  CONVERSATIONS[language].forEach((turn, index) => {
    const added = addTurn({ builder, call, index, fromMs: endMs }, turn, withGap);
    if (withGap) log(added.endMs, LogEvent.envelope, createEnvelope(added.heard), added.root);
    if (turn.caller !== null) log(added.textMs, LogEvent.transcript, turn.caller, added.root);
    log(added.repliedMs, LogEvent.reply, turn.bot, added.root);
    turnList.push(toTurnSummary(added.root, turn.caller, turn.bot));
    endMs = added.endMs;
    lastTextMs = added.textMs;
  });
  const extractionUsd = withGap && options.hasUnknownCost !== true ? 0.0021 : null;
  const last = builder.spans.findLast((span) => span.name === SpanName.turn) ?? call;
  const saved = addSave({ builder, parent: last, fromMs: lastTextMs + 1260, failsToSave, extractionUsd });
  log(
    saved.endMs,
    failsToSave ? LogEvent.saveFailed : LogEvent.saveSaved,
    failsToSave ? 'records answered 503' : 'record saved',
    saved.span,
  );
  builder.add({ name: SpanName.wrapUp, parent: call, fromMs: endMs + 60, toMs: endMs + 92 });
  log(endMs + 95, LogEvent.callFinished, 'call finished', call);
  const spans = builder.spans.map((span) =>
    span === call ? endCall(span, builder.spans, endMs + 100, options) : span,
  );
  const summary = summarise({
    callSid,
    language: language === 'hard' ? 'en' : language,
    failsToSave,
    startedAtMs,
    spans,
  });
  return {
    spans,
    summary,
    detail: { ...summary, turnList, pending: [], logs: logs.sort((a, b) => a.timeMs - b.timeMs) },
  };
}

function endCall(call: SpanView, spans: readonly SpanView[], endMs: number, options: SampleOptions): SpanView {
  const durationMs = endMs - call.startMs;
  if (!options.withGap) return { ...call, durationMs };
  const sum = (...stages: readonly string[]) =>
    spans
      .filter((span) => stages.includes(String(span.attributes[Attr.stage])))
      .reduce((usd, span) => usd + Number(span.attributes[Attr.costUsd] ?? 0), 0);
  const stt = sum(Stage.transcription);
  const llm = sum(Stage.reply, Stage.extraction);
  const tts = sum(Stage.synthesis);
  const carrier = Math.ceil(durationMs / 60_000) * 0.0085;
  const attributes = {
    ...call.attributes,
    [Attr.callCostUsd]: stt + llm + tts + carrier,
    [Attr.callCostSttUsd]: stt,
    [Attr.callCostLlmUsd]: llm,
    [Attr.callCostTtsUsd]: tts,
    [Attr.callCostCarrierUsd]: carrier,
    [Attr.callCostKnown]: options.hasUnknownCost !== true,
  };
  return { ...call, durationMs, attributes };
}

function createLogger(logs: LogLine[], callSid: string) {
  return (timeMs: number, eventName: string, body: string, span: SpanView) => {
    const turnIndex = span.attributes[Attr.turnIndex];
    logs.push({
      timeMs,
      severity: eventName === LogEvent.saveFailed ? 'error' : 'info',
      body,
      eventName,
      service: 'bot',
      scope: 'Call',
      spanId: span.spanId,
      attributes: {
        [Attr.conversationId]: callSid,
        ...(turnIndex === undefined ? {} : { [Attr.turnIndex]: turnIndex }),
      },
    });
  };
}

function toTurnSummary(span: SpanView, transcribed: string | null, replied: string): TurnSummary {
  const index = Number(span.attributes[Attr.turnIndex]);
  return {
    index,
    startedAtMs: span.startMs,
    durationMs: span.durationMs,
    endReason: 'completed',
    transcribed,
    replied,
  };
}

type SaveInput = {
  readonly builder: SpanBuilder;
  readonly parent: SpanView;
  readonly fromMs: number;
  readonly failsToSave: boolean;
  readonly extractionUsd: number | null;
};

function addSave({ builder, parent, fromMs, failsToSave, extractionUsd }: SaveInput) {
  const turn = { [Attr.turnIndex]: parent.attributes[Attr.turnIndex] ?? null };
  const error = failsToSave ? { error: 'records answered 503' } : {};
  builder.add({
    name: 'chat gpt-6-luna',
    parent,
    kind: 'client',
    fromMs: fromMs - 1240,
    toMs: fromMs,
    attributes: {
      ...turn,
      [Attr.stage]: Stage.extraction,
      [Attr.operationName]: 'chat',
      [Attr.outputType]: 'json',
      [Attr.providerName]: 'openai',
      [Attr.requestModel]: 'gpt-6-luna',
      [Attr.extractionSchema]: 'appointment',
      [Attr.extractionValid]: true,
      ...(extractionUsd === null ? {} : { [Attr.costUsd]: extractionUsd }),
    },
  });
  const save = builder.add({
    name: SpanName.saveRecord,
    parent,
    fromMs: fromMs + 4,
    toMs: fromMs + 61,
    ...error,
    attributes: {
      ...turn,
      [Attr.stage]: Stage.save,
      [Attr.operationName]: 'execute_tool',
      [Attr.toolName]: 'save_record',
      [Attr.saveOutcome]: failsToSave ? 'queued' : 'saved',
      [Attr.saveAttempts]: 1,
      ...(failsToSave ? { [Attr.errorType]: 'api' } : {}),
    },
  });
  const http = { [Attr.httpMethod]: 'POST', [Attr.httpStatusCode]: failsToSave ? 503 : 201 };
  const out = builder.add({
    name: 'POST',
    parent: save,
    kind: 'client',
    fromMs: fromMs + 12,
    toMs: fromMs + 58,
    attributes: http,
    ...error,
  });
  const served = builder.add({
    name: 'POST /records',
    parent: out,
    kind: 'server',
    service: 'records',
    fromMs: fromMs + 16,
    toMs: fromMs + 55,
    attributes: { ...http, [Attr.httpRoute]: '/records' },
    ...error,
  });
  if (!failsToSave) {
    const db = { [Attr.dbSystem]: 'sqlite', [Attr.dbOperation]: 'INSERT', [Attr.dbCollection]: 'records' };
    const row = { fromMs: fromMs + 31, toMs: fromMs + 37.4, attributes: db };
    builder.add({ name: 'INSERT records', parent: served, kind: 'client', service: 'records', ...row });
  }
  return { span: save, endMs: fromMs + 61 };
}

/** A span as it was announced: nothing that only its end can tell. */
function reopen(span: SpanView): SpanView {
  const told = Object.entries(span.attributes).filter(([key]) => !TOLD_AT_END.includes(key));
  const attributes = Object.fromEntries(told);
  return { ...span, attributes, durationMs: null, status: 'unset', statusMessage: null, events: [] };
}

const TOLD_AT_END: readonly string[] = [
  Attr.thresholdLevelOnSpan,
  Attr.httpStatusCode,
  Attr.costUsd,
  Attr.turnEndReason,
  Attr.turnUnmeasured,
  Attr.gapSource,
  Attr.gapUncertaintyMs,
];

/** The call as it stood at a moment (epoch milliseconds): what has ended by then, and what has begun and goes on. */
export function cutCall(call: SampleCall, atMs: number): SampleCall {
  const ended = call.spans.filter((span) => span.startMs + (span.durationMs ?? 0) <= atMs);
  const open = call.spans
    .filter((span) => span.startMs <= atMs && span.startMs + (span.durationMs ?? 0) > atMs)
    .map(reopen);
  const turns = ended.filter((span) => span.name === SpanName.turn).length;
  const now = { state: 'live', outcome: null, endReason: null, durationMs: null, turns, errors: 0 } as const;
  const whole = summarise({ ...call.summary, language: call.summary.language ?? '', failsToSave: false, spans: ended });
  const summary: CallSummary = {
    ...call.summary,
    ...now,
    worstStage: whole.worstStage,
    waits: whole.waits,
    cost: whole.cost,
  };
  const logs = call.detail.logs.filter((line) => line.timeMs <= atMs);
  const turnList = call.detail.turnList.filter((turn) => turn.startedAtMs + (turn.durationMs ?? 0) <= atMs);
  return { summary, spans: ended, detail: { ...summary, turnList, pending: open, logs } };
}
