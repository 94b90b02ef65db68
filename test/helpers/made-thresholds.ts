import type { Limit, Thresholds } from '../../thresholds/model.ts';

/** A limit as the file gives it with every default applied. */
export function makeLimit(row: Partial<Limit> & Pick<Limit, 'stage' | 'warningMs' | 'criticalMs'>): Limit {
  return {
    id: row.provider === undefined ? row.stage : `${row.stage}_${row.provider}`,
    exceptProviders: [],
    warning: { share: 0.1, forMs: 120_000 },
    critical: { share: 0.05, forMs: 60_000 },
    minExecutions: 10,
    windowMs: 300_000,
    keepFiringForMs: 300_000,
    ...row,
  };
}

/** A small file: a wait whose warning is a target for the middle, a stage with a provider of its own limit, one more. */
export function makeThresholds(more: Partial<Thresholds> = {}): Thresholds {
  return {
    version: 1,
    maxCallDurationMs: 1_800_000,
    evaluationMs: 10_000,
    limits: [
      makeLimit({
        stage: 'response_gap',
        warningMs: 1115,
        criticalMs: 1400,
        warning: { share: 0.5, forMs: 120_000 },
      }),
      makeLimit({ stage: 'transcription', warningMs: 2000, criticalMs: 5000, exceptProviders: ['deepgram'] }),
      makeLimit({ stage: 'transcription', provider: 'deepgram', warningMs: 640, criticalMs: 2000 }),
      makeLimit({ stage: 'save', warningMs: 1000, criticalMs: 3000 }),
    ],
    notice: { cooldownMs: 1_800_000 },
    deadAir: { warningMs: 3000, criticalMs: 8000 },
    eventLoopBlocked: { warningMs: 100, criticalMs: 500 },
    stageStuck: { severity: 'critical' },
    objectives: [],
    services: [{ name: 'bot', goneForMs: 120_000 }],
    http: {
      serverErrorsPerSecond: { above: 0.1, forMs: 120_000 },
      p95: { aboveMs: 2000, forMs: 120_000 },
    },
    memory: { aboveBytes: 500_000_000, forMs: 300_000 },
    meanResponseGap: { aboveMs: 2000, forMs: 300_000 },
    logErrors: { above: 10, windowMs: 300_000 },
    dependencyDown: { forMs: 60_000 },
    pipeline: { queueShare: 0.8, forMs: 300_000 },
    ownRules: [],
    ...more,
  };
}
