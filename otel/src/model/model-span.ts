import { type Context, SpanKind } from '@opentelemetry/api';
import { createCallClock } from '../call/call-clock.ts';
import { openCallOf } from '../call/call-context.ts';
import { countErrors } from '../call/count-errors.ts';
import { type CallSpan, createOpenSpans, type OpenSpans, type SpanRequest } from '../call/open-spans.ts';
import { type CostTools, createCostLedger } from '../cost/ledger.ts';
import type { Measures } from '../measures/measures.ts';
import { type ModelCall, withModelCall } from './model-call.ts';
import type { ModelTools } from './model-tools.ts';

/** What model calls outside of every call write with. */
export type ModelKit = CostTools & Pick<ModelTools, 'tracer'> & { readonly measures: Measures };

/** A model call that nobody wrapped: its span is ours to end. */
export type OwnModelCall = {
  readonly callSpan: CallSpan;
  readonly call: ModelCall;
  /** Monotonic milliseconds. */
  now(): number;
};

/** Starts the CLIENT span of a model call below `parent`: of the call that the context belongs to, or of no call that is open. */
export function startOwnModelCall(kit: ModelKit, request: SpanRequest, parent: Context): OwnModelCall {
  const clientRequest: SpanRequest = { kind: SpanKind.CLIENT, ...request };
  const active = openCallOf(parent);
  const tools = active?.models ?? createLooseTools(kit);
  const callSpan = active?.startSpanIn(clientRequest, parent) ?? openLoose(kit, tools).start(clientRequest, parent);
  const { call } = withModelCall(tools, callSpan, clientRequest);
  return { callSpan, call, now: tools.clock.now };
}

/** Outside of every call failures count and measures are made, as for every other stage. */
function openLoose({ instruments, measures }: ModelKit, { tracer, clock }: ModelTools): OpenSpans {
  const observers = [countErrors(instruments), measures.observe()];
  return createOpenSpans({ tracer, clock, tell: (telling) => observers.forEach(telling) });
}

function createLooseTools(kit: ModelKit): ModelTools {
  const ledger = createCostLedger({ ...kit, carrier: false });
  return { tracer: kit.tracer, instruments: kit.instruments, clock: createCallClock(), ledger };
}
