import type { Tracer } from '@opentelemetry/api';
import type { CallClock } from '../call/call-clock.ts';
import type { CostLedger } from '../cost/ledger.ts';
import type { Instruments } from '../instruments.ts';

/** What a model call writes with: its call's clock and ledger, and the kit's tracer and metrics. */
export type ModelTools = {
  readonly tracer: Tracer;
  readonly instruments: Instruments;
  readonly clock: CallClock;
  readonly ledger: CostLedger;
};
