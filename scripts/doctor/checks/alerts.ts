import { setTimeout as delay } from 'node:timers/promises';
import type { EngineAddresses } from '../addresses.ts';
import { addressVariable } from '../addresses.ts';
import { ask, describeAnswer, isGood } from '../ask.ts';
import { type Channel, countDelivered, listChannels, readDeliveries } from '../deliveries.ts';
import type { Finding } from '../finding.ts';

const BETWEEN_MS = 500;
/** Alertmanager waits 10 s for more of a group, then a channel may take its time. */
const DELIVERED_WITHIN_MS = 45_000;
/** One failure may be a moment's; Alertmanager tries again, and again. */
const FAILED_ATTEMPTS = 3;
const TEST_NAME = 'CallspanTest';
const TEST_SERVICE = 'doctor';

/** One alert for each way through the routes (collector/alertmanager/routes.generated.json): every role hears one. */
const TESTS: readonly Readonly<Record<string, string>>[] = [
  { alertname: TEST_NAME, severity: 'critical' },
  { alertname: TEST_NAME, severity: 'notice' },
  // Only this name reaches whoever waits for the sign of life.
  { alertname: 'Watchdog', severity: 'none' },
];

/**
 * Sends marked alerts through Alertmanager, waits until each channel of each receiver has taken one, and ends them.
 * @param id of this test, in the alerts' labels
 */
export async function checkAlerts({ alertmanager }: EngineAddresses, id: string): Promise<readonly Finding[]> {
  const status = await ask(`${alertmanager}/api/v2/status`);
  if (!isGood(status)) {
    const wayOut = `start Alertmanager (docker compose up -d alertmanager), or set ${addressVariable('alertmanager')}`;
    return [{ id: 'alerts.alertmanager', level: 'error', what: describeAnswer(status), where: alertmanager, wayOut }];
  }
  const channels = listChannels((JSON.parse(status.text) as { config: { original: string } }).config.original);
  if (channels.length === 0) return [nobodyIsTold(alertmanager)];
  const before = await readDeliveries(alertmanager);
  const sentAtMs = Date.now();
  const sent = await post(alertmanager, formatAlerts(id, sentAtMs));
  if (!isGood(sent)) {
    const what = `refuses the test alert: ${sent.text.slice(0, 200) || describeAnswer(sent)}`;
    return [{ id: 'alerts.alertmanager', level: 'error', what, where: alertmanager, wayOut: 'see its log' }];
  }
  const isWaiting = async () => {
    const now = await readDeliveries(alertmanager);
    return channels.some((channel) => {
      const { delivered, failed } = countDelivered(channel, channels, { before, now });
      return delivered === 0 && failed < FAILED_ATTEMPTS;
    });
  };
  while (Date.now() - sentAtMs < DELIVERED_WITHIN_MS && (await isWaiting())) await delay(BETWEEN_MS);
  const held = await readHeld(alertmanager, id);
  await post(alertmanager, formatAlerts(id, sentAtMs, Date.now()));
  const now = await readDeliveries(alertmanager);
  const told = channels.map((channel) => toFinding(channel, countDelivered(channel, channels, { before, now })));
  return [...told, ...listUnreached(held, channels)];
}

function nobodyIsTold(alertmanager: string): Finding {
  const wayOut =
    'name channels in collector/alertmanager/receivers.yaml, npm run generate, and start it with what that makes';
  return {
    id: 'alerts.channels',
    level: 'warning',
    what: 'no receiver has a channel: nobody is told',
    where: alertmanager,
    wayOut,
  };
}

type Held = { readonly receivers: readonly { readonly name: string }[] };

async function readHeld(alertmanager: string, id: string): Promise<readonly Held[]> {
  const answer = await ask(`${alertmanager}/api/v2/alerts?filter=${encodeURIComponent(`test_id="${id}"`)}`);
  return isGood(answer) ? (JSON.parse(answer.text) as readonly Held[]) : [];
}

/** Receivers that have channels and that no test alert was routed to: their routes are others than the project's. */
function listUnreached(held: readonly Held[], channels: readonly Channel[]): readonly Finding[] {
  const reached = new Set(held.flatMap(({ receivers }) => receivers.map(({ name }) => name)));
  const roles = new Set(channels.map(({ receiver }) => receiver));
  return [...roles]
    .filter((role) => !reached.has(role))
    .map((role) => ({
      id: 'alerts.route',
      level: 'warning',
      what: 'no test alert is routed to it',
      where: `receiver ${role}`,
      wayOut: 'amtool config routes test says what reaches it; npm run generate makes the routes anew',
    }));
}

function toFinding({ receiver, integration }: Channel, { delivered, failed, isShared }: Told): Finding {
  const finding = { id: `alerts.${receiver}`, where: `receiver ${receiver}, ${integration}` };
  const among = isShared ? ` (counted for all receivers with ${integration} together)` : '';
  if (delivered > 0 && (failed === 0 || !isShared)) {
    return { ...finding, level: 'ok', what: `took the test alert${among}`, wayOut: '' };
  }
  if (failed === 0) {
    const what = `was not told: after ${DELIVERED_WITHIN_MS / 1000} s it neither took the test alert nor refused it`;
    const wayOut =
      'its address may take what comes and not answer: ask it with curl; or a silence holds the alert: amtool silence query';
    return { ...finding, level: 'error', what, wayOut };
  }
  const wayOut = `see Alertmanager's log for ${integration}; its secret is a file, one value (docs/alerting.md, Secrets)`;
  return { ...finding, level: 'error', what: `was not told: ${failed} failed attempts${among}`, wayOut };
}
type Told = ReturnType<typeof countDelivered>;

function formatAlerts(id: string, startsAtMs: number, endsAtMs?: number): string {
  const end = endsAtMs === undefined ? {} : { endsAt: new Date(endsAtMs).toISOString() };
  const annotations = {
    summary: 'A test of npm run doctor: nothing is wrong',
    description: 'Somebody asked whether this channel hears alarms. It ends by itself.',
  };
  return JSON.stringify(
    TESTS.map((labels) => ({
      // A group of its own: one that an earlier test has left waits for its next minute.
      labels: { ...labels, service_name: `${TEST_SERVICE}-${id.slice(0, 8)}`, test_id: id },
      annotations,
      startsAt: new Date(startsAtMs).toISOString(),
      ...end,
    })),
  );
}

function post(alertmanager: string, body: string) {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
  return ask(`${alertmanager}/api/v2/alerts`, init);
}
