import type { Callspan } from 'callspan';
import { ErrorType, Metric } from 'callspan/conventions';
import type { PostRecord } from '../domain/delivery.ts';

/** The service that records are delivered to, as `callspan.dependency.*` names it. */
const DEPENDENCY = 'records';

/** What waits in an outbox. Times are epoch milliseconds. */
export type WaitingCounts = {
  readonly pending: number;
  readonly oldestCreatedAtMs: number | null;
  readonly dead: number;
};

/** Whether the records service answers, as each delivery finds it; also `dependency.down` and `dependency.up` in the log. */
export function watchPost({ tools }: Callspan, post: PostRecord): PostRecord {
  return async (record) => {
    const startedAtMs = performance.now();
    const result = await post(record);
    const durationMs = performance.now() - startedAtMs;
    const failure = result.kind === 'later' ? ErrorType.api : undefined;
    tools.dependencies.record({ dependency: DEPENDENCY, durationMs, failure });
    return result;
  };
}

/**
 * Shows what waits in the outbox whenever metrics are collected: counts are read then, once for the three of them.
 * @returns stops that
 */
export function observeOutbox({ tools }: Callspan, count: () => Promise<WaitingCounts>): () => void {
  let counting: Promise<WaitingCounts> | undefined;
  const look = () => {
    counting ??= count().finally(() => {
      counting = undefined;
    });
    return counting;
  };
  const { instruments } = tools;
  const stops = [
    instruments.observe(Metric.outboxPending, async () => (await look()).pending),
    instruments.observe(Metric.outboxOldestAge, async () => ageOf((await look()).oldestCreatedAtMs)),
    instruments.observe(Metric.outboxDead, async () => (await look()).dead),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function ageOf(createdAtMs: number | null): number {
  return createdAtMs === null ? 0 : Math.max(0, Date.now() - createdAtMs) / 1000;
}
