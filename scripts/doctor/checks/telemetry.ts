import { readTelemetryConfig } from '../../../otel/src/sdk/config.ts';
import { readDestinations } from '../../../otel/src/spool/destinations.ts';
import { listStores, type StoreAddresses } from '../addresses.ts';
import { ask, describeAnswer, isGood } from '../ask.ts';
import { type Found, findMark } from '../find-mark.ts';
import type { Finding, FindingLevel } from '../finding.ts';
import { createMark, formatMark, type Mark, type MarkedSignal } from '../mark.ts';
import type { Setup } from '../setup.ts';

const SIGNALS = ['traces', 'logs', 'metrics'] as const;

/**
 * Says where telemetry goes, sends a marked span, log record and metric there and finds them again. Endpoints, headers
 * and certificates are read from the environment of this process, by the code that the services use.
 */
export async function checkTelemetry(setup: Setup): Promise<readonly Finding[]> {
  // npm start would have said where; what exporters take without it is nobody's address here.
  if (setup.refusal !== undefined && !setup.given.OTEL_EXPORTER_OTLP_ENDPOINT) {
    const what = 'not looked for: npm start refuses the configuration';
    const wayOut = 'correct what is named above, and run it again';
    return [{ id: 'telemetry.unknown', level: 'warning', what, where: 'telemetry', wayOut }];
  }
  const config = readTelemetryConfig(setup.env);
  if (config.disabled) {
    const what = 'telemetry is off';
    return [
      { id: 'telemetry.off', level: 'warning', what, where: 'OTEL_SDK_DISABLED', wayOut: 'unset OTEL_SDK_DISABLED' },
    ];
  }
  const headers = config.telemetryToken ? { authorization: `Bearer ${config.telemetryToken}` } : {};
  const destinations = await readDestinations(headers);
  const isOn = { traces: config.exportTraces, logs: config.exportLogs, metrics: config.metrics.isPushed };
  const mark = createMark();
  const stores = listStores(setup);
  const checks = SIGNALS.map(async (signal): Promise<readonly Finding[]> => {
    const { url, headers: sent } = destinations[signal];
    if (!isOn[signal]) return [notSent(signal)];
    return checkSignal({
      signal,
      url,
      headers: sent as Record<string, string>,
      mark,
      stores,
      isOwn: setup.plan?.ownTelemetry === true,
    });
  });
  return (await Promise.all(checks)).flat();
}

/** Sends a mark to a Collector, and finds it again in the engines behind it. @param otlp address without a path */
export async function checkChain(otlp: string, stores: StoreAddresses): Promise<readonly Finding[]> {
  const mark = createMark();
  const checks = SIGNALS.map((signal) =>
    checkSignal({ signal, url: `${otlp}/v1/${signal}`, headers: {}, mark, stores, isOwn: false }),
  );
  return (await Promise.all(checks)).flat();
}

type Sending = {
  readonly signal: MarkedSignal;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly mark: Mark;
  readonly stores: StoreAddresses;
  /** The viewer of this set, which `npm start` would start. */
  readonly isOwn: boolean;
};

async function checkSignal({ signal, url, headers, mark, stores, isOwn }: Sending): Promise<readonly Finding[]> {
  const { 'content-encoding': _, ...kept } = headers;
  const answer = await ask(url, {
    method: 'POST',
    headers: { ...kept, 'content-type': 'application/json' },
    body: formatMark(signal, mark),
  });
  const id = `telemetry.${signal}`;
  if (!isGood(answer)) {
    const isAsleep = isOwn && answer.status === undefined;
    const level: FindingLevel = isAsleep ? 'warning' : 'error';
    const wayOut = isAsleep ? 'npm start runs the viewer, which takes it' : (WAYS_OUT[answer.status ?? 0] ?? CORRECT);
    return [{ id, level, what: `${signal} go there, and it ${describeAnswer(answer)}`, where: url, wayOut }];
  }
  if (/"rejected\w+":\s*"?[1-9]/.test(answer.text)) {
    const what = `takes ${signal} and rejects the marked one: ${answer.text.slice(0, 200)}`;
    return [{ id, level: 'error', what, where: url, wayOut: 'see the log of the receiver' }];
  }
  const taken: Finding = { id, level: 'ok', what: `${signal} go there and are taken`, where: url, wayOut: '' };
  return [taken, toFinding(signal, await findMark(signal, mark, stores))];
}

const CORRECT = 'start what is to be there, or correct OTEL_EXPORTER_OTLP_ENDPOINT';
const WAYS_OUT: Readonly<Record<number, string>> = {
  401: 'set CALLSPAN_TELEMETRY_TOKEN to the token of the receiver',
  404: 'OTEL_EXPORTER_OTLP_ENDPOINT is the address without /v1/traces: correct it',
};

function notSent(signal: MarkedSignal): Finding {
  const variable = `OTEL_${signal.toUpperCase()}_EXPORTER`;
  const what = `${signal} stay in the process`;
  return { id: `telemetry.${signal}`, level: 'warning', what, where: variable, wayOut: `unset ${variable}` };
}

const LEVELS: Readonly<Record<Found['outcome'], FindingLevel>> = { found: 'ok', unknown: 'warning', missing: 'error' };

function toFinding(signal: MarkedSignal, { outcome, where, how, wayOut }: Found): Finding {
  return { id: `telemetry.${signal}-arrived`, level: LEVELS[outcome], what: how, where, wayOut };
}
