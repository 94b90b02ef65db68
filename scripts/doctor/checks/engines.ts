import { addressVariable, type EngineAddresses } from '../addresses.ts';
import { type Answer, ask, describeAnswer, isGood } from '../ask.ts';
import type { Finding } from '../finding.ts';
import { checkPrometheus } from './prometheus.ts';

type EngineName = keyof EngineAddresses;

/** What says that an engine is ready. */
const READY: Readonly<Record<EngineName, string>> = {
  collectorOtlp: '/v1/traces',
  tempo: '/ready',
  loki: '/ready',
  prometheus: '/-/ready',
  alertmanager: '/-/ready',
  grafana: '/api/health',
};
/** What a person calls it, and its service in docker-compose.yml. */
const SERVICE: Readonly<Record<EngineName, string>> = {
  collectorOtlp: 'collector',
  tempo: 'tempo',
  loki: 'loki',
  prometheus: 'prometheus',
  alertmanager: 'alertmanager',
  grafana: 'grafana',
};

/** In production no engine is published. */
const RUN_IT = 'docker compose up -d; where no port is published, ask from inside: docker compose run --rm doctor';

/**
 * Asks every engine of a stack that runs; where none answers, that is the one finding.
 * @param whenNone `error` where the engines are what was asked about; a stack that is only looked at need not run yet
 */
export async function checkEngines(
  addresses: EngineAddresses,
  whenNone: 'error' | 'warning',
): Promise<readonly Finding[]> {
  const names = Object.keys(READY) as readonly EngineName[];
  const asked = await Promise.all(
    names.map(async (name) => ({ name, answer: await askEngine(name, addresses[name]) })),
  );
  if (asked.every(({ answer }) => answer.status === undefined)) {
    const where = names.map((name) => addresses[name]).join(', ');
    return [{ id: 'engines.running', level: whenNone, what: 'no engine answers', where, wayOut: RUN_IT }];
  }
  const findings = asked.map(({ name, answer }) => toFinding(name, addresses[name], answer));
  const isUp = asked.some(({ name, answer }) => name === 'prometheus' && isGood(answer));
  return isUp ? [...findings, ...(await checkPrometheus(addresses.prometheus))] : findings;
}

/** Whether what listens there is the engine of this service, ready or still starting. Services that are no engine: false. */
export async function isEngine(service: string, address: string): Promise<boolean> {
  const name = (Object.keys(SERVICE) as readonly EngineName[]).find((one) => SERVICE[one] === service);
  if (!name) return false;
  const answer = await askEngine(name, address);
  return isGood(answer) || answer.status === 503;
}

function askEngine(name: EngineName, address: string): Promise<Answer> {
  const url = `${address}${READY[name]}`;
  if (name !== 'collectorOtlp') return ask(url);
  // A delivery without anything in it, which every receiver has to take.
  const headers = { 'content-type': 'application/json' };
  return ask(url, { method: 'POST', headers, body: '{"resourceSpans":[]}' });
}

function toFinding(name: EngineName, address: string, answer: Answer): Finding {
  const service = SERVICE[name];
  const finding = { id: `engines.${service}`, where: `${service} at ${address}` };
  if (isGood(answer)) return { ...finding, level: 'ok', what: 'is ready', wayOut: '' };
  // Loki and Tempo say for how long they still wait.
  const words = answer.status === undefined ? '' : ` ${answer.text.slice(0, 120)}`;
  const wayOut = `docker compose logs ${service}; elsewhere than there: set ${addressVariable(name)}`;
  return { ...finding, level: 'error', what: `${describeAnswer(answer)}${words}`, wayOut };
}
