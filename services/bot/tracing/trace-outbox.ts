import { type Context, context, SpanKind, trace } from '@opentelemetry/api';
import { type CallSpan, type Callspan, type Logger, traceparentOf } from 'callspan';
import { Attr, LogEvent, Metric, type SaveOutcome, SpanName, Stage } from 'callspan/conventions';
import type { PostRecord, WaitingRecord } from '../domain/delivery.ts';
import { ProviderError } from '../domain/errors.ts';
import type { Delivery, RecordOutbox } from '../domain/ports.ts';

/** The two ends of the outbox, wrapped: writing a record, and each attempt to deliver it. */
export type OutboxTracing = {
  /** `execute_tool save_record`: from the write to the first attempt of delivery. */
  traceOutbox(outbox: RecordOutbox): RecordOutbox;
  /** Sends each attempt in the trace of its call: the first inside the save span, a later one with a span of its own. */
  tracePost(post: PostRecord): PostRecord;
};

export function createOutboxTracing(callspan: Callspan, logger: Logger): OutboxTracing {
  /** The contexts of save spans whose record has not been attempted yet, by the record's id. */
  const saving = new Map<string, Context>();
  return {
    traceOutbox: (outbox) => ({
      async save(request) {
        const call = callspan.findCall(request.turn.callSid);
        if (!call) return outbox.save(request);
        const attributes = { [Attr.operationName]: 'execute_tool', [Attr.toolName]: 'save_record' };
        const span = { name: SpanName.saveRecord, stage: Stage.save, attributes };
        const callSpan = call.startSpan(span, request.turn.turnIndex);
        saving.set(request.idempotencyKey, callSpan.context);
        try {
          context.with(callSpan.context, () => logger.info('saving the record', { event: LogEvent.saveStarted }));
          const { delivered } = await outbox.save({ ...request, traceparent: traceparentOf(callSpan.span) });
          void delivered.then((delivery) => {
            // One that is held back has not been tried: when it is, this span has ended.
            saving.delete(request.idempotencyKey);
            finishSave(callSpan, delivery, { callspan, logger });
          });
          return { delivered };
        } catch (error) {
          saving.delete(request.idempotencyKey);
          callSpan.fail(error);
          throw error;
        }
      },
    }),
    tracePost: (post) => (record) => {
      const inSave = saving.get(record.id);
      saving.delete(record.id);
      if (inSave) return context.with(inSave, () => post(record));
      const { callSid } = JSON.parse(record.body) as { callSid: string };
      return deliverLater(
        { callspan, logger },
        { post, record, parent: callspan.contextFor(callSid, record.traceparent) },
      );
    },
  };
}

type Telling = { readonly callspan: Callspan; readonly logger: Logger };

function finishSave(callSpan: CallSpan, delivery: Delivery, telling: Telling): void {
  callSpan.span.setAttributes({
    [Attr.saveOutcome]: delivery.outcome,
    [Attr.saveAttempts]: delivery.attempts,
    [Attr.saveAgeMs]: delivery.ageMs,
  });
  context.with(callSpan.context, () => tellDelivery(telling, delivery.outcome));
  if (delivery.outcome === 'dead')
    callSpan.fail(new ProviderError('validation', 'the records service refused the record'));
  else callSpan.end();
}

/** A record that is given up is told by the outbox itself. */
function tellDelivery({ callspan, logger }: Telling, outcome: SaveOutcome): void {
  callspan.tools.instruments.record(Metric.saveCount, 1, { outcome });
  if (outcome === 'saved' || outcome === 'duplicate')
    logger.info('record saved', { event: LogEvent.saveSaved, outcome });
  else if (outcome === 'queued')
    logger.warn('record not delivered yet, kept for a later try', { event: LogEvent.saveFailed });
}

type LaterAttempt = {
  readonly post: PostRecord;
  readonly record: WaitingRecord;
  readonly parent: Context;
};

async function deliverLater(telling: Telling, { post, record, parent }: LaterAttempt) {
  const { callspan } = telling;
  const attributes = { [Attr.saveAttempts]: record.attempts, [Attr.saveAgeMs]: Date.now() - record.createdAtMs };
  const span = callspan.tracer.startSpan(SpanName.outboxDelivery, { kind: SpanKind.INTERNAL, attributes }, parent);
  const inSpan = trace.setSpan(parent, span);
  const result = await context.with(inSpan, () => post(record));
  const outcome: SaveOutcome = result.kind === 'later' ? 'queued' : result.kind === 'refused' ? 'dead' : result.kind;
  span.setAttribute(Attr.saveOutcome, outcome);
  context.with(inSpan, () => tellDelivery(telling, outcome));
  span.end();
  return result;
}
