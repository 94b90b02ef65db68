import { context, SpanKind, trace } from '@opentelemetry/api';
import { type Callspan, type Logger, traceparentOf } from 'callspan';
import { Attr, LogEvent, SpanName, Stage } from 'callspan/conventions';
import type { PostRecord, WaitingRecord } from '../domain/delivery.ts';
import type { RecordOutbox } from '../domain/ports.ts';

/** `execute_tool save_record`: from the write to the outbox to the first attempt of delivery. */
export function traceOutbox(callspan: Callspan, outbox: RecordOutbox, logger: Logger): RecordOutbox {
  return {
    async save(request) {
      const call = callspan.findCall(request.turn.callSid);
      if (!call) return outbox.save(request);
      const attributes = { [Attr.operationName]: 'execute_tool', [Attr.toolName]: 'save_record' };
      const callSpan = call.startSpan(
        { name: SpanName.saveRecord, stage: Stage.save, attributes },
        request.turn.turnIndex,
      );
      try {
        context.with(callSpan.context, () => logger.info('saving the record', { event: LogEvent.saveStarted }));
        const saving = context.with(callSpan.context, () =>
          outbox.save({ ...request, traceparent: traceparentOf(callSpan.span) }),
        );
        const { delivered } = await saving;
        void delivered.then((delivery) => {
          callSpan.span.setAttributes({
            [Attr.saveOutcome]: delivery.outcome,
            [Attr.saveAttempts]: delivery.attempts,
            [Attr.saveAgeMs]: delivery.ageMs,
          });
          context.with(callSpan.context, () => logDelivery(logger, delivery.outcome));
          callSpan.end();
        });
        return { delivered };
      } catch (error) {
        callSpan.fail(error);
        throw error;
      }
    },
  };
}

function logDelivery(logger: Logger, outcome: string): void {
  if (outcome === 'saved' || outcome === 'duplicate')
    logger.info('record saved', { event: LogEvent.saveSaved, outcome });
  else if (outcome === 'queued')
    logger.warn('record not delivered yet, kept for a later try', { event: LogEvent.saveFailed });
  else logger.error('record refused for good', { event: LogEvent.saveDead });
}

/** Sends each attempt in the trace of its call. The first attempt belongs to the save span; a later one gets a span of its own. */
export function tracePostRecord(callspan: Callspan, post: PostRecord): PostRecord {
  return (record) => {
    const { callSid } = JSON.parse(record.body) as { callSid: string };
    const parent = callspan.contextFor(callSid, record.traceparent);
    if (record.attempts === 1) return context.with(parent, () => post(record));
    return deliverAgain(callspan, { post, record, parent });
  };
}

type Again = {
  readonly post: PostRecord;
  readonly record: WaitingRecord;
  readonly parent: ReturnType<typeof context.active>;
};

async function deliverAgain(callspan: Callspan, { post, record, parent }: Again) {
  const attributes = { [Attr.saveAttempts]: record.attempts, [Attr.saveAgeMs]: Date.now() - record.createdAtMs };
  const span = callspan.tracer.startSpan(SpanName.outboxDelivery, { kind: SpanKind.INTERNAL, attributes }, parent);
  const result = await context.with(trace.setSpan(parent, span), () => post(record));
  span.setAttribute(
    Attr.saveOutcome,
    result.kind === 'later' ? 'queued' : result.kind === 'refused' ? 'dead' : result.kind,
  );
  span.end();
  return result;
}
