import type { ErrorTypeName, StageName } from '../conventions/index.ts';

/**
 * How an execution went. One that was cut short by the caller (hang-up, barge-in) is no error: it counts as a success
 * and has the `errorType` cancelled.
 */
export type MeasureStatus = 'success' | 'error' | 'timeout';

/** One execution of a stage that has ended: plain data, without its span. */
export type Measure = {
  /** `voice.stage` */
  readonly stage: StageName;
  /** The name of its span, such as `chat gpt-6-luna` or `execute_tool find_customer`. */
  readonly name: string;
  readonly durationMs: number;
  readonly status: MeasureStatus;
  /** When it ended, epoch milliseconds. */
  readonly timestampMs: number;
  /** The call it belonged to; none outside of calls. */
  readonly callSid?: string;
  readonly streamSid?: string;
  readonly turnIndex?: number;
  readonly traceId?: string;
  readonly provider?: string;
  readonly model?: string;
  /** The closed kind of what it failed of. */
  readonly errorType?: ErrorTypeName;
  /** What the error said, through redaction; only at capture `full`. */
  readonly errorMessage?: string;
};

/** Told of each measure right after its stage has ended. What it throws is reported once a minute. */
export type MeasureListener = (measure: Measure) => void;

/** Which measures are meant; without a property all of them. */
export type MeasureFilter = { readonly stage?: StageName; readonly provider?: string };
