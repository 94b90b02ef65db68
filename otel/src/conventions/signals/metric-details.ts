import type { Metric } from '../metrics.ts';
import type { Room } from './describe.ts';

/** What a metric's own descriptor does not say: its part of a call, a value that is usual, and what it is read from. */
export type MetricDetails = { readonly room: Room; readonly example: string; readonly source: string };

type Row = readonly [room: Room, example: string, source: string];

const BY_CONSTANT: Readonly<Record<keyof typeof Metric, Row>> = {
  turnCount: ['turn', '1 a turn', 'the end of a turn'],
  turnUnmeasured: ['gap and segments', '1 a turn without a gap', 'the measurement of the gap'],
  turnPlatformGap: ['gap and segments', '0.81', 'the media clock'],
  callCount: ['call', '1 a call', 'the end of a call'],
  callActive: ['call', '4', 'start and end of calls'],
  callRejected: ['call', '1 a refused stream', 'the check of the stream’s token'],
  deadAir: ['turn', '3.4', 'the media clock'],
  stageStuck: ['limits', '1 a stuck stage', 'the limits of the kit, while the stage runs'],
  mediaJitter: ['media', '0.006', 'the ledger of inbound frames'],
  mediaLost: ['media', '0.02', 'the ledger of inbound frames'],
  playoutUnderrun: ['media', '0.12', 'marks and what was written'],
  playoutDiscarded: ['media', '1.8', 'marks and what was written'],
  markAckDelay: ['media', '0.08', 'marks that came back'],
  markMissed: ['media', '1 a mark', 'marks that did not come back'],
  genAiDuration: ['model', '0.9', 'the end of a model span'],
  genAiFirstChunk: ['model', '0.41', 'the traced fetch'],
  genAiTokens: ['model', '812', 'the answer'],
  cost: ['money', '0.00042', 'the prices file'],
  callCost: ['money', '0.0187', 'the prices file'],
  extractionCount: ['model', '1 an extraction', 'wrapped extraction port'],
  saveCount: ['records', '1 a save', 'wrapped outbox'],
  thresholdBreaches: ['limits', '1 a breach', 'the limits of the kit, when a stage ends'],
  errors: ['limits', '1 a failure', 'stages that end as failed'],
  cacheRequests: ['process', '1 a look-up', 'recordings of fixed phrases'],
  outboxPending: ['records', '2', 'the outbox'],
  outboxOldestAge: ['records', '4.2', 'the outbox'],
  outboxDead: ['records', '0', 'the outbox'],
  logRecords: ['process', '1 a line', 'every log record that passes the SDK'],
  spans: ['process', '5120', 'the SDK and the spool'],
  traceIncomplete: ['process', '1 a trace', 'the spool'],
  dependencyUp: ['process', '1', 'the outcome of the last real request to it'],
  dependencyResponseDuration: ['process', '0.012', 'real requests to it; of a model the whole stage'],
  websocketActive: ['process', '4', 'the tap of the socket'],
};

/** By the constant of `Metric`. */
export const METRIC_DETAILS: Readonly<Record<string, MetricDetails>> = Object.fromEntries(
  Object.entries(BY_CONSTANT).map(([key, [room, example, source]]) => [key, { room, example, source }]),
);
