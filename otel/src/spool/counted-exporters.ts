import type { ExportResult } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Exporters } from './stock-exporters.ts';
import type { Counters } from './worker/counters.ts';

/** Counts what stock exporters say about their spans: delivered, or lost. */
export function countExports(exporters: Exporters, counters: Counters): Exporters {
  const { traces } = exporters;
  return {
    ...exporters,
    traces: {
      export(spans: ReadableSpan[], done: (result: ExportResult) => void) {
        traces.export(spans, (result) => {
          counters.add(result.code === 0 ? 'traces.delivered' : 'traces.dead', spans.length);
          done(result);
        });
      },
      forceFlush: () => traces.forceFlush?.() ?? Promise.resolve(),
      shutdown: () => traces.shutdown(),
    },
  };
}
