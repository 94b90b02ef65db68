import { MeasureField } from '../conventions/index.ts';
import type { Measure } from './measure.ts';

/** A measure as a line of the measures file has it: always these ten keys, null where there is nothing. */
export type MeasureLine = Readonly<Record<string, string | number | null | object>>;

/** The plain object that is written for a measure. */
export function lineOf(measure: Measure): MeasureLine {
  const { turnIndex, model, traceId, errorType } = measure;
  const metadata: Record<string, string | number> = {};
  if (turnIndex !== undefined) metadata[MeasureField.turnIndex] = turnIndex;
  if (model !== undefined) metadata[MeasureField.model] = model;
  if (traceId !== undefined) metadata[MeasureField.traceId] = traceId;
  if (errorType !== undefined) metadata[MeasureField.errorType] = errorType;
  return {
    [MeasureField.operationType]: measure.stage,
    [MeasureField.operationName]: measure.name,
    [MeasureField.latencyMs]: Math.round(measure.durationMs * 1000) / 1000,
    [MeasureField.status]: measure.status,
    [MeasureField.timestamp]: new Date(measure.timestampMs).toISOString(),
    [MeasureField.callSid]: measure.callSid ?? null,
    [MeasureField.streamSid]: measure.streamSid ?? null,
    [MeasureField.provider]: measure.provider ?? null,
    [MeasureField.errorMessage]: measure.errorMessage ?? errorType ?? null,
    [MeasureField.metadata]: metadata,
  };
}
