import type { Attributes, Context } from '@opentelemetry/api';
import type { CallObserver, OpenStage } from '../call/observer.ts';
import { Attr, type ErrorTypeName, LogEvent, Stage, type StageName } from '../conventions/index.ts';
import type { KitLog } from './kit-log.ts';

type Lines = { readonly started: string; readonly ended: string; readonly begins: string; readonly is: string };

/** Stages whose steps are told, and in which words. */
const TOLD: Partial<Record<StageName, Lines>> = {
  [Stage.transcription]: {
    started: LogEvent.transcriptionStarted,
    ended: LogEvent.transcriptionReceived,
    begins: 'transcription started',
    is: 'transcription received',
  },
  [Stage.reply]: {
    started: LogEvent.replyStarted,
    ended: LogEvent.replyFinished,
    begins: 'reply started',
    is: 'reply finished',
  },
  [Stage.extraction]: {
    started: LogEvent.extractionStarted,
    ended: LogEvent.extractionFinished,
    begins: 'extraction started',
    is: 'extraction finished',
  },
};
/** Stages that the line of the call's performance speaks of, in its order. */
const PERFORMANCE = [
  Stage.responseGap,
  Stage.transcription,
  Stage.reply,
  Stage.synthesis,
  Stage.extraction,
  Stage.retrieval,
  Stage.save,
] as const;

/** One log line a step of the call, with how long it took, and at the end one about the whole call. */
export function narrateCall(log: KitLog, callContext: Context): CallObserver {
  const durations = new Map<StageName, number[]>();
  return {
    stageStarted(stage) {
      const lines = TOLD[stage.stage];
      if (lines) log({ event: lines.started, severity: 'info', body: lines.begins, context: stage.context });
    },
    stageEnding(stage, endedAtMs, failure) {
      const durationMs = Math.round((endedAtMs - stage.startedAtMs) * 10) / 10;
      const known = durations.get(stage.stage) ?? [];
      durations.set(stage.stage, known);
      known.push(durationMs);
      const lines = TOLD[stage.stage];
      if (lines) tellEnd(log, stage, lines, { durationMs, failure });
    },
    callEnding() {
      const told = PERFORMANCE.filter((stage) => durations.has(stage));
      if (told.length === 0) return;
      const attributes: Attributes = Object.fromEntries(
        told.map((stage) => [`${stage}_ms`, durations.get(stage) ?? []]),
      );
      const body = told.map((stage) => sayStage(stage, durations.get(stage) ?? [])).join('; ');
      log({ event: LogEvent.callPerformance, severity: 'info', body, context: callContext, attributes });
    },
  };
}

type End = { readonly durationMs: number; readonly failure: ErrorTypeName | undefined };

function tellEnd(log: KitLog, stage: OpenStage, lines: Lines, { durationMs, failure }: End): void {
  const attributes = { duration_ms: durationMs, ...(failure ? { [Attr.errorType]: failure } : {}) };
  const body = failure ? `${stage.stage} ended: ${failure}` : lines.is;
  const severity = failure && failure !== 'cancelled' ? 'warn' : 'info';
  log({ event: lines.ended, severity, body, context: stage.context, attributes });
}

function sayStage(stage: StageName, values: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  const median = Math.round(sorted[Math.floor((sorted.length - 1) / 2)] ?? 0);
  const name = stage === Stage.responseGap ? 'wait' : stage;
  if (values.length === 1) return `${name} ${median} ms`;
  return `${name} ${values.length} times, median ${median} ms, worst ${Math.round(sorted.at(-1) ?? 0)} ms`;
}
