import type { ExportResult } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Exporters } from './stock-exporters.ts';
import type { Counters } from './worker/counters.ts';
import type { Losses } from './worker/losses.ts';

/** Where losses of this thread are counted. */
export type LossBook = { readonly counters: Counters; readonly losses: Losses };

/** Counts what stock exporters say about their spans: delivered, or lost, which an exporter that throws has said, too. */
export function countExports(exporters: Exporters, book: LossBook): Exporters {
  const { traces } = exporters;
  return {
    ...exporters,
    traces: {
      export(spans: ReadableSpan[], done: (result: ExportResult) => void) {
        let isCounted = false;
        const count = (isDelivered: boolean) => {
          if (isCounted) return;
          isCounted = true;
          if (isDelivered) book.counters.add('traces.delivered', spans.length);
          else countLost(spans, book);
        };
        try {
          traces.export(spans, (result) => {
            count(result.code === 0);
            done(result);
          });
        } catch (error) {
          count(false);
          throw error;
        }
      },
      forceFlush: () => traces.forceFlush?.() ?? Promise.resolve(),
      shutdown: () => traces.shutdown(),
    },
  };
}

/** Spans that went, or were to go, straight to the receiver and did not come there. */
export function countLost(spans: readonly ReadableSpan[], { counters, losses }: LossBook): void {
  counters.add('traces.dead', spans.length);
  countUnstored(spans, losses);
}

/** The traces of spans that are on no disk and will be on none. */
export function countUnstored(spans: readonly ReadableSpan[], losses: Losses): void {
  losses.add(
    'not_stored',
    spans.map((span) => span.spanContext().traceId),
  );
}
