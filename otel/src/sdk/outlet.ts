import { accessSync, constants, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { warnQuietly } from '../quiet-warning.ts';
import { readProtocols, readSpoolConfig, type SpoolConfig } from '../spool/config.ts';
import { countExports, countLost, countUnstored } from '../spool/counted-exporters.ts';
import { readDestinations } from '../spool/destinations.ts';
import { type Handover, startHandover } from '../spool/handover.ts';
import { createSpanLedger, type SpanLedger } from '../spool/span-ledger.ts';
import { createSpoolExporters } from '../spool/spool-exporters.ts';
import { createStockExporters, type Exporters } from '../spool/stock-exporters.ts';
import { createCounters } from '../spool/worker/counters.ts';
import { createLosses } from '../spool/worker/losses.ts';
import { startSpoolWorker } from '../spool/worker-source.ts';
import type { TelemetryConfig } from './config.ts';

const load = createRequire(import.meta.url);

/** The last batches of a process that ends without a shutdown get so long to reach the disk. */
const SETTLE_MS = 200;

/** The one way out of the process, for all three signals. */
export type Outlet = Exporters & {
  /** Where the spans are: `callspan.spans`, `callspan.trace.incomplete`. */
  readonly ledger: SpanLedger;
  /** Counts a span for which there was no room before the exporters. */
  dropped(span: ReadableSpan): void;
  /** For the last moment of a process (`exit`): hands over what processors hold and blocks until it is on disk. */
  settle(processors: readonly { forceFlush(): Promise<void> }[]): void;
};

/**
 * Opens the way to `OTEL_EXPORTER_OTLP_ENDPOINT` (or the variable of the signal): over the disk, or straight with
 * `CALLSPAN_SPOOL=off` and where the spool's folder cannot be used, which is said once.
 * @throws TypeError naming a variable whose value has no meaning
 */
export function openOutlet(config: TelemetryConfig): Outlet {
  const spool = readSpoolConfig(config.serviceName);
  const isProtobuf = readProtocols();
  const headers = authorization(config);
  const stock = () => createStockExporters(headers, isProtobuf);
  const isUsed = config.exportTraces || config.exportLogs || config.metrics.isPushed;
  const handover = isUsed && spool.isOn && canUse(spool) ? openSpool(spool, headers) : undefined;
  if (!handover) {
    const counters = createCounters();
    const book = { counters, losses: createLosses(counters) };
    const dropped = (span: ReadableSpan) => countLost([span], book);
    return { ...countExports(stock(), book), ledger: createSpanLedger(counters), dropped, settle() {} };
  }
  const { counters } = handover;
  let straight: Exporters | undefined;
  const giveUp = () => {
    straight ??= countExports(stock(), handover);
    return straight;
  };
  return {
    ...createSpoolExporters(handover, isProtobuf, giveUp),
    ledger: createSpanLedger(counters),
    dropped(span) {
      if (handover.isGivenUp()) countLost([span], handover);
      else countUnstored([span], handover.losses);
    },
    settle(processors) {
      // They export before they return; nothing asynchronous comes to its end any more.
      for (const processor of processors) processor.forceFlush().catch(() => undefined);
      handover.settle(SETTLE_MS);
    },
  };
}

function openSpool(config: SpoolConfig, headers: Readonly<Record<string, string>>): Handover {
  const { version } = load('../../package.json') as { version: string };
  return startHandover({
    config,
    userAgent: `callspan/${version}`,
    destinations: readDestinations(headers),
    startWorker: startSpoolWorker,
    warn: (text) => warnQuietly(`callspan spool: ${text}`),
  });
}

function canUse({ folder }: SpoolConfig): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    warnQuietly(`callspan spool: ${folder} cannot be used, exports go straight to the receiver: ${error}`);
    return false;
  }
}

function authorization(config: TelemetryConfig): Record<string, string> {
  return config.telemetryToken ? { authorization: `Bearer ${config.telemetryToken}` } : {};
}
