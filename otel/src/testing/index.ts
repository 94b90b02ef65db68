export { expectStages, findCall, findStage, listCallSids, type SeenCall, type SeenWait } from './calls.ts';
export { createTestTelemetry, type TestTelemetry } from './in-process.ts';
export { type CallspanMatchers, callspanMatchers, type MatcherResult } from './matchers.ts';
export { startTestReceiver, type TestReceiver } from './receiver.ts';
export type {
  SeenAttributes,
  SeenKind,
  SeenLog,
  SeenMetric,
  SeenPoint,
  SeenSpan,
  SeenTelemetry,
} from './seen.ts';
