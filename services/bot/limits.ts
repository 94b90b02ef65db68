import type { StageLimit } from 'callspan';
import { Stage } from 'callspan/conventions';

/** What is too slow for a caller, milliseconds of one execution: warning, then critical. */
const LIMITS = {
  [Stage.responseGap]: [1115, 1400],
  [Stage.endpointing]: [500, 800],
  [Stage.sttTail]: [350, 500],
  [Stage.llmFirstToken]: [375, 750],
  [Stage.ttsFirstByte]: [100, 250],
  [Stage.transcription]: [2000, 5000],
  [Stage.reply]: [3000, 8000],
  [Stage.extraction]: [3000, 8000],
  [Stage.synthesis]: [1500, 3000],
  [Stage.save]: [1000, 3000],
  [Stage.retrieval]: [3000, 8000],
  [Stage.setup]: [1500, 3000],
  [Stage.bargeIn]: [300, 600],
} as const satisfies Partial<Record<StageLimit['stage'], readonly [number, number]>>;

/** The limits, for a clock that runs `speed` times faster than a real one. */
export function listLimits(speed: number): readonly StageLimit[] {
  return Object.entries(LIMITS).map(([stage, [warningMs, criticalMs]]) => ({
    stage: stage as StageLimit['stage'],
    warningMs: warningMs / speed,
    criticalMs: criticalMs / speed,
  }));
}
