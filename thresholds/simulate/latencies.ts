import { Stage, type StageName } from 'callspan/conventions';
import type { Latency } from './random.ts';

/**
 * What the stages of a healthy bot take, by their field's usual figures: the wait has its middle at about 0.9 s. These are
 * no limits and are not made from any: a limit that a healthy day passes is one that alarms every day.
 */
export const HEALTHY: Readonly<Record<Exclude<StageName, 'response_gap'>, Latency>> = {
  [Stage.endpointing]: { medianMs: 340, p95Ms: 410, maxMs: 470 },
  [Stage.sttTail]: { medianMs: 150, p95Ms: 220, maxMs: 300 },
  [Stage.llmFirstToken]: { medianMs: 210, p95Ms: 300, maxMs: 340 },
  [Stage.sentenceWait]: { medianMs: 50, p95Ms: 80, maxMs: 110 },
  [Stage.ttsFirstByte]: { medianMs: 60, p95Ms: 82, maxMs: 95 },
  [Stage.botQueue]: { medianMs: 5, p95Ms: 15, maxMs: 30 },
  [Stage.carrierBuffer]: { medianMs: 60, p95Ms: 80, maxMs: 100 },
  [Stage.transcription]: { medianMs: 150, p95Ms: 400, maxMs: 1500 },
  [Stage.reply]: { medianMs: 900, p95Ms: 1600, maxMs: 2600 },
  [Stage.extraction]: { medianMs: 500, p95Ms: 900, maxMs: 1800 },
  [Stage.synthesis]: { medianMs: 400, p95Ms: 800, maxMs: 1300 },
  [Stage.retrieval]: { medianMs: 300, p95Ms: 900, maxMs: 2200 },
  [Stage.save]: { medianMs: 120, p95Ms: 400, maxMs: 850 },
  [Stage.setup]: { medianMs: 700, p95Ms: 1000, maxMs: 1350 },
  [Stage.bargeIn]: { medianMs: 150, p95Ms: 210, maxMs: 270 },
};

/** The parts of the wait, which together are the wait. */
export const PARTS = [
  Stage.endpointing,
  Stage.sttTail,
  Stage.llmFirstToken,
  Stage.sentenceWait,
  Stage.ttsFirstByte,
  Stage.botQueue,
  Stage.carrierBuffer,
] as const;

/** A healthy wait is never longer, though the longest parts would be together: not all are long at once. */
export const LONGEST_HEALTHY_WAIT_MS = 1100;

/** Stages behind which a provider is. */
export const OF_PROVIDER: readonly StageName[] = [
  Stage.sttTail,
  Stage.llmFirstToken,
  Stage.ttsFirstByte,
  Stage.transcription,
  Stage.reply,
  Stage.extraction,
  Stage.synthesis,
  Stage.retrieval,
];
