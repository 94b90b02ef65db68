import { LogEvent } from '../conventions/index.ts';
import { errorFacts } from '../error-type.ts';
import { type LoopDelay, watchLoopDelay } from '../metrics/event-loop.ts';
import { isTelemetryRunning } from '../sdk/start.ts';
import type { LogFields, Logger } from './log-methods.ts';
import { processOutputs } from './outputs.ts';
import { findTelemetryPlaces, type TelemetryPlace } from './telemetry-places.ts';

const HEARTBEAT_MS = 60_000;
/** Services of a set start together: a receiver may come up a little later than those that send to it. */
const PATIENCE_MS = 20_000;
const ASK_AGAIN_MS = 1000;
const ASK_LATER_MS = 30_000;
/** When the receiver is asked, for tests. */
export type AskingTimes = { readonly patienceMs: number; readonly againMs: number; readonly laterMs: number };
const ASKING: AskingTimes = { patienceMs: PATIENCE_MS, againMs: ASK_AGAIN_MS, laterMs: ASK_LATER_MS };
/** `dependency` of the lines about the receiver of telemetry. */
const TELEMETRY = 'telemetry';

/** A service that says that it is there. */
export type ServiceAnnouncement = {
  readonly logger: Logger;
  /** What the line of the start says: `bot on http://127.0.0.1:3000`. */
  readonly message: string;
  readonly fields?: LogFields;
  /** Calls that go on now, for the heartbeat of a service that has some. */
  readonly openCalls?: () => number;
  /** Where telemetry goes and whether it is taken there; default: as the environment says, by an empty delivery. */
  readonly places?: () => Promise<readonly TelemetryPlace[]>;
  /** Default: one minute. */
  readonly heartbeatMs?: number;
  readonly asking?: AskingTimes;
  /** How late the event loop is, for tests. */
  readonly loopDelay?: LoopDelay;
};

/** What is left to say. */
export type AnnouncedService = {
  /** Says that the service closes its doors; the heartbeat ends. */
  stopping(): void;
};

/**
 * Writes `service.started` with where traces, metrics, logs and log files go; soon after, one line on whether telemetry
 * arrives there; once a minute `service.heartbeat`; at the end `service.stopping`. Keeps no process alive.
 */
export function announceService(announcement: ServiceAnnouncement): AnnouncedService {
  const { logger, message, fields = {} } = announcement;
  const isStopped = { value: false };
  void sayStart(announcement, isStopped).catch((error) => {
    // Wherever telemetry goes, the service has started.
    logger.info(message, { ...fields, event: LogEvent.serviceStarted, ...filesField() });
    logger.warn('where telemetry goes could not be found out', { error: errorFacts(error) });
  });
  const stopHeartbeat = startHeartbeat(announcement);
  return {
    stopping() {
      isStopped.value = true;
      stopHeartbeat();
      logger.info(`${serviceName()} stops`, { event: LogEvent.serviceStopping, uptime_s: uptimeSeconds() });
    },
  };
}

async function sayStart(announcement: ServiceAnnouncement, isStopped: { readonly value: boolean }): Promise<void> {
  const { logger, message, fields = {}, places: find = findPlaces, asking = ASKING } = announcement;
  const places = await find();
  const whereTo = (signal: TelemetryPlace['signals'][number]) =>
    places.find(({ signals }) => signals.includes(signal))?.origin ?? 'off';
  const told = { traces: whereTo('traces'), metrics: whereTo('metrics'), logs: whereTo('logs'), ...filesField() };
  logger.info(message, { ...fields, event: LogEvent.serviceStarted, ...told });
  for (const place of places) void sayArrival(place, { logger, isStopped, asking });
}

/** A process in which no SDK was started sends nothing. */
function findPlaces(): Promise<readonly TelemetryPlace[]> {
  return isTelemetryRunning() ? findTelemetryPlaces() : Promise.resolve([]);
}

/** Says once how it is; where it is not well, once more when it is. */
async function sayArrival(
  { origin, signals, ask }: TelemetryPlace,
  { logger, isStopped, asking }: { logger: Logger; isStopped: { readonly value: boolean }; asking: AskingTimes },
): Promise<void> {
  const startedAtMs = performance.now();
  let isDown = false;
  while (!isStopped.value) {
    try {
      await ask();
      const event = LogEvent.dependencyUp;
      return logger.info(`${listed(signals)} arrive at ${origin}`, { event, dependency: TELEMETRY });
    } catch (error) {
      const isPatient = performance.now() - startedAtMs < asking.patienceMs;
      if (!isPatient && !isDown) {
        isDown = true;
        const why = error instanceof Error ? error.message : 'unknown';
        const event = LogEvent.dependencyDown;
        logger.error(`${listed(signals)} do not arrive at ${origin}: ${why}`, { event, dependency: TELEMETRY });
      }
      await pause(isPatient ? asking.againMs : asking.laterMs);
    }
  }
}

function startHeartbeat(announcement: ServiceAnnouncement): () => void {
  const { logger, openCalls, heartbeatMs = HEARTBEAT_MS, loopDelay = watchLoopDelay() } = announcement;
  const timer = setInterval(() => {
    logger.info(`${serviceName()} is up`, {
      event: LogEvent.serviceHeartbeat,
      ...(openCalls && { open_calls: openCalls() }),
      rss_mb: Math.round(process.memoryUsage.rss() / 1e6),
      event_loop_delay_p99_ms: Math.round(loopDelay.p99Ms() * 10) / 10,
      uptime_s: uptimeSeconds(),
    });
  }, heartbeatMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    loopDelay.stop();
  };
}

function filesField(): { readonly log_files: string } {
  return { log_files: processOutputs().config.folder ?? 'off' };
}

function serviceName(): string {
  return processOutputs().config.service;
}

function uptimeSeconds(): number {
  return Math.round(process.uptime());
}

function listed(signals: readonly string[]): string {
  return signals.length < 2 ? signals.join() : `${signals.slice(0, -1).join(', ')} and ${signals.at(-1)}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
