import { createBadRequest } from '../api-error.ts';
import type { Fault } from '../faults.ts';
import { createRateLimitError } from '../rate-limit.ts';
import type { ResponseParams } from './client-events.ts';
import { type SessionContext, waitUntil } from './context.ts';
import { countUsage, createCallOutput, createMessageOutput, type Output } from './output.ts';
import { describeResponse, planResponse, type ResponsePlan, type ResponseStep } from './plan.ts';

/** Why a response was cancelled, as events name it. */
type CancelReason = 'client_cancelled' | 'turn_detected';

/** Makes the responses of one session. */
export type Responder = {
  /** Starts one. `causeId` = `event_id` of the event that asked for it. @throws ApiError 400 when it cannot be made. */
  create(params: ResponseParams, causeId: string | null): void;
  /** Cancels the response of that id, or (null) the one of the conversation; false when none runs. */
  cancel(id: string | null, reason: CancelReason): boolean;
};

type Running = { readonly plan: ResponsePlan; readonly cancel: (reason: CancelReason) => void };

/** Ends the work on a response that was cancelled; its events are out already. */
class Cancelled extends Error {}

function waitForEver(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

type Making = {
  readonly context: SessionContext;
  readonly plan: ResponsePlan;
  readonly fault: Fault | null;
  readonly signal: AbortSignal;
  readonly startedAt: number;
};

/** Sends what the output consists of when it is due; false when a fault ended the session half-way. */
async function send({ context, fault, signal, startedAt }: Making, output: Output, firstMs: number): Promise<boolean> {
  await waitUntil(context.standin, startedAt, firstMs, signal);
  output.begin();
  const pieces = output.pieces();
  for (const [index, piece] of pieces.entries()) {
    await waitUntil(context.standin, startedAt, firstMs + piece.atMs, signal);
    if (fault?.fault === 'close' && index >= pieces.length / 2) {
      context.breakOff(fault);
      return false;
    }
    piece.send();
  }
  return true;
}

function createOutput({ context, plan }: Making, step: ResponseStep): Output {
  if (step.tool !== null) return createCallOutput(context, plan, step.tool);
  return createMessageOutput(context, plan, step.text, context.standin.latencies.pace());
}

/** Starts to make a response, up to `response.done`. `work` rejects when the session ends. */
function startMaking(making: Omit<Making, 'signal'>) {
  const { context, plan, fault } = making;
  const { standin, conversation } = context;
  const controller = new AbortController();
  const signal = AbortSignal.any([context.signal, controller.signal]);
  let output: Output | null = null;
  const finish = (status: 'completed' | 'cancelled' | 'incomplete', reason: string | null) => {
    const item = output?.end(status === 'completed') ?? null;
    const usage = countUsage(plan, output, standin.promptCache, context.config().model ?? '');
    const state = { status, reason, output: item === null ? [] : [item], usage };
    context.emit('response.done', { response: describeResponse(plan, conversation.id, state) });
  };
  const make = async () => {
    if (fault?.fault === 'hang') await waitForEver(signal);
    const step = plan.decide(fault?.fault === 'nonsense');
    const slowMs = fault?.fault === 'slow' ? fault.latencyMs : 0;
    const firstMs = step.latencies.reduce((sum, kind) => sum + standin.latencies.next(kind), slowMs);
    output = createOutput({ ...making, signal }, step);
    if (!(await send({ ...making, signal }, output, firstMs))) return;
    finish(output.isCut ? 'incomplete' : 'completed', output.isCut ? 'max_output_tokens' : null);
  };
  return {
    work: make().catch((error: unknown) => {
      if (!(error instanceof Cancelled)) throw error;
    }),
    // At once, so that the next response may be asked for in the same breath.
    cancel(reason: CancelReason) {
      controller.abort(new Cancelled());
      finish('cancelled', reason);
    },
  };
}

function announce({ standin, conversation, emit }: SessionContext, plan: ResponsePlan): void {
  const state = { status: 'in_progress', reason: null, output: [], usage: null } as const;
  emit('response.created', { response: describeResponse(plan, conversation.id, state) });
  const limits = standin.rateLimits.countLimits(0);
  emit('rate_limits.updated', {
    rate_limits: limits.map(({ resetMs, ...limit }) => ({ ...limit, reset_seconds: resetMs / 1_000 })),
  });
}

/** No response runs at first. `run` keeps the work that goes on after the event, and sees to its failures. */
export function createResponder(context: SessionContext, run: (work: Promise<void>) => void): Responder {
  const running = new Map<string, Running>();
  const inConversation = () => [...running.values()].find(({ plan }) => plan.isInConversation);
  return {
    create(params, causeId) {
      const other = params.conversation === 'none' ? undefined : inConversation();
      if (other)
        throw createBadRequest(
          `Conversation already has an active response in progress: ${other.plan.id}. Wait until the response is finished before creating a new one.`,
          null,
          'conversation_already_has_active_response',
        );
      const { standin } = context;
      const startedAt = standin.clock.now();
      const names = ['slow', 'close', 'hang', 'rate_limit', 'nonsense'] as const;
      // Before a fault is taken: a request that is refused for itself uses none up.
      const plan = planResponse(context, params);
      const fault = standin.faults.take('realtime', 'response', names);
      if (fault?.fault === 'rate_limit') return context.emitError(createRateLimitError(fault.retryAfterMs), causeId);
      announce(context, plan);
      const { work, cancel } = startMaking({ context, plan, fault, startedAt });
      running.set(plan.id, { plan, cancel });
      run(work.finally(() => running.delete(plan.id)));
    },
    cancel(id, reason) {
      const found = id === null ? inConversation() : running.get(id);
      if (!found) return false;
      running.delete(found.plan.id);
      found.cancel(reason);
      return true;
    },
  };
}
