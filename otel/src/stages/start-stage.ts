import { type Context, context as contextApi, ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import type { CallTrace, KitTools } from '../call/call.ts';
import { createCallClock } from '../call/call-clock.ts';
import { callRefOf, openCallOf, withCallRef } from '../call/call-context.ts';
import type { CallSpan, SpanRequest } from '../call/call-span.ts';
import { countErrors } from '../call/count-errors.ts';
import { watchLimits } from '../call/limits.ts';
import { createObserverList } from '../call/observer.ts';
import { createOpenSpans } from '../call/open-spans.ts';
import { createCostLedger } from '../cost/ledger.ts';
import { withModelCall } from '../model/model-call.ts';
import type { ModelTools } from '../model/model-tools.ts';
import type { StartedStage } from './measure.ts';
import type { MeasuredStage, StagePlace } from './stage-request.ts';

/** What stages are started with: the kit's tools, and its calls by id. */
export type StageTools = KitTools & { readonly findCall: (callSid: string) => CallTrace | undefined };

/**
 * Starts the span of an execution in the call and turn of `at`, or of the active context; outside of every call, and when
 * the call has ended, a plain one.
 */
export function createStageStarter(tools: StageTools): (stage: MeasuredStage) => StartedStage {
  const startLoose = createLooseStarter(tools);
  return ({ at, asksModel = false, ...request }) => {
    const parent = parentOf(tools, at);
    const active = openCallOf(parent);
    const asked: SpanRequest = asksModel ? { kind: SpanKind.CLIENT, ...request } : request;
    const callSpan = active?.startSpanIn(asked, parent) ?? startLoose(asked, parent);
    // With telemetry off nobody looks for the model call.
    if (!asksModel || tools.isOff) return { callSpan, context: callSpan.context };
    const { context } = withModelCall(active?.models ?? looseModelTools(tools), callSpan, asked);
    return { callSpan, context };
  };
}

/** Below what is active when that belongs to the same turn, so that measures nest; else below the turn itself. */
function parentOf({ findCall }: StageTools, at: StagePlace | undefined): Context {
  const active = contextApi.active();
  if (!at) return active;
  const { callSid, turnIndex } = at;
  const ref = callRefOf(active);
  if (ref?.call && ref.callSid === callSid && ref.turnIndex === turnIndex) return active;
  const known = findCall(callSid)?.contextOf(turnIndex);
  // A call of another process: below what is active, unless that is somebody else's call.
  return known ?? withCallRef(ref && ref.callSid !== callSid ? ROOT_CONTEXT : active, { callSid, turnIndex });
}

/** Spans that no open call has: nobody ends them but their own work. Limits hold for them too, and failures count. */
function createLooseStarter(tools: StageTools): (request: SpanRequest, parent: Context) => CallSpan {
  const observers = createObserverList((error) => tools.problems.report('observer_failed', undefined, error));
  observers.add(watchLimits(tools, () => performance.now()));
  observers.add(countErrors(tools.instruments));
  observers.add(tools.measures.observe());
  return (request, parent) => {
    const open = createOpenSpans({
      tracer: tools.tracer,
      clock: createCallClock(),
      tell: observers.tell,
      onCut: () => tools.problems.report('attributes_cut', parent),
    });
    return open.start(request, parent);
  };
}

function looseModelTools({ tracer, instruments, prices }: StageTools): ModelTools {
  const ledger = createCostLedger({ prices, instruments, carrier: false });
  return { tracer, instruments, clock: createCallClock(), ledger };
}
