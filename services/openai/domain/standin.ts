import type { Clock } from '../../line/clock.ts';
import type { PromptCache } from './chat/tokens.ts';
import type { FaultBoard } from './faults.ts';
import type { LatencySource } from './latency.ts';
import type { Random } from './random.ts';
import type { RateLimits } from './rate-limit.ts';
import type { ResponseStore } from './responses/store.ts';

/** What all routes share. */
export type Standin = {
  /** Asked for off loopback; left out: on loopback, where any key is good. */
  readonly apiKey?: string;
  readonly clock: Clock;
  readonly latencies: LatencySource;
  readonly faults: FaultBoard;
  readonly promptCache: PromptCache;
  readonly rateLimits: RateLimits;
  readonly responses: ResponseStore;
  /** For ids only. */
  readonly random: Random;
  /** Epoch seconds. */
  readonly epochSeconds: () => number;
};
