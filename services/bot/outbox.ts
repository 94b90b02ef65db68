import type { Callspan, Logger } from 'callspan';
import { LogEvent } from 'callspan/conventions';
import type { Clock } from '../line/clock.ts';
import { startOutboxThread } from './adapters/outbox/outbox-thread.ts';
import { createPostRecord } from './adapters/records/post-record.ts';
import type { BotConfig } from './config.ts';
import { createDeliverer } from './domain/delivery.ts';
import type { RecordOutbox } from './domain/ports.ts';
import { observeOutbox, watchPost } from './tracing/measure-outbox.ts';
import { createOutboxTracing } from './tracing/trace-outbox.ts';

type OutboxOptions = {
  readonly config: BotConfig;
  readonly callspan: Callspan;
  readonly logger: Logger;
  readonly clock: Clock;
};

/** Opens the durable outbox and starts to deliver what an earlier run left in it. */
export async function startOutbox({
  config,
  callspan,
  logger,
  clock,
}: OutboxOptions): Promise<{ readonly port: RecordOutbox; close(): Promise<void> }> {
  const thread = await startOutboxThread(config.outboxFile);
  const tracing = createOutboxTracing(callspan, logger);
  const deliverer = createDeliverer({
    records: thread,
    post: tracing.tracePost(watchPost(callspan, createPostRecord(config.recordsUrl, config.recordsToken))),
    clock,
    wallClock: Date.now,
    random: Math.random,
    onDead: (record, reason) =>
      logger.error('record refused for good, kept in the outbox', {
        event: LogEvent.saveDead,
        id: record.id,
        reason: statusOf(reason),
      }),
  });
  const stopObserving = observeOutbox(callspan, thread.count);
  void deliverer.run();
  const outbox: RecordOutbox = {
    async save({ draft, idempotencyKey, traceparent }) {
      await thread.add({ id: idempotencyKey, body: JSON.stringify(draft), traceparent, createdAtMs: Date.now() });
      return { delivered: deliverer.deliverSoon(idempotencyKey) };
    },
  };
  return {
    port: tracing.traceOutbox(outbox),
    async close() {
      stopObserving();
      deliverer.close();
      await thread.close();
    },
  };
}

/** Only the status: the rest of a refusal quotes the record that it refuses. */
function statusOf(reason: string): string {
  return /^HTTP \d{3}/.exec(reason)?.[0] ?? 'refused';
}
