import { ask, describeAnswer, isGood } from '../ask.ts';
import type { Finding } from '../finding.ts';

const CONFIG = 'collector/prometheus/prometheus.yml';
/** Prometheus expands no variables: addresses are in files beside its own. */
const TARGETS = 'collector/prometheus/targets (in Compose targets-compose)';

type Target = { readonly scrapeUrl: string; readonly health: string; readonly lastError: string };
type Rule = { readonly name: string; readonly health: string; readonly lastError?: string };

/** What Prometheus itself says: its targets, its rules, whom it tells, and the flags that our rules need. */
export async function checkPrometheus(address: string): Promise<readonly Finding[]> {
  const [targets, rules, told, flags] = await Promise.all([
    read<{ activeTargets: readonly Target[] }>(address, 'targets?state=active'),
    read<{ groups: readonly { rules: readonly Rule[] }[] }>(address, 'rules'),
    read<{ activeAlertmanagers: readonly unknown[] }>(address, 'alertmanagers'),
    read<Readonly<Record<string, string>>>(address, 'status/flags'),
  ]);
  return [
    ...checkTargets(address, targets.activeTargets),
    ...checkRules(
      address,
      rules.groups.flatMap((group) => group.rules),
    ),
    checkTold(address, told.activeAlertmanagers.length),
    ...checkFlags(address, flags),
  ];
}

/** @throws Error when Prometheus does not answer as its API has it */
async function read<Data>(address: string, path: string): Promise<Data> {
  const answer = await ask(`${address}/api/v1/${path}`);
  if (!isGood(answer)) throw new Error(`${address}/api/v1/${path} ${describeAnswer(answer)}`);
  return (JSON.parse(answer.text) as { data: Data }).data;
}

function checkTargets(address: string, targets: readonly Target[]): readonly Finding[] {
  const id = 'engines.targets';
  const bad = targets.filter(({ health }) => health !== 'up');
  if (targets.length === 0) {
    const wayOut = `give it some in ${TARGETS}; one that has just started knows them after a few seconds`;
    return [{ id, level: 'warning', what: 'scrapes nobody', where: address, wayOut }];
  }
  if (bad.length === 0) {
    return [{ id, level: 'ok', what: `${targets.length} targets are scraped`, where: address, wayOut: '' }];
  }
  return bad.map(({ scrapeUrl, health, lastError }) => {
    const what = health === 'unknown' ? 'was not scraped yet' : `cannot be scraped: ${lastError}`;
    const level = health === 'unknown' ? 'warning' : 'error';
    return { id, level, what, where: scrapeUrl, wayOut: `start it, or correct its address in ${TARGETS}` };
  });
}

function checkRules(address: string, rules: readonly Rule[]): readonly Finding[] {
  const id = 'engines.rules';
  if (rules.length === 0) {
    const wayOut = `rule_files in ${CONFIG} must find collector/prometheus/rules; then reload`;
    return [{ id, level: 'error', what: 'has no rules: no alarm can fire', where: address, wayOut }];
  }
  const bad = rules.filter(({ health }) => health === 'err');
  if (bad.length === 0)
    return [{ id, level: 'ok', what: `${rules.length} rules are evaluated`, where: address, wayOut: '' }];
  const wayOut = 'promtool check rules collector/prometheus/rules/*.yaml';
  return bad.map(({ name, lastError = '' }) => ({
    id,
    level: 'error',
    what: lastError,
    where: `rule ${name}`,
    wayOut,
  }));
}

function checkTold(address: string, count: number): Finding {
  const finding = { id: 'engines.told', where: address };
  if (count > 0) return { ...finding, level: 'ok', what: 'tells Alertmanager', wayOut: '' };
  const wayOut = `correct alertmanager.yml in ${TARGETS}`;
  return { ...finding, level: 'error', what: 'tells no Alertmanager: nobody hears of alarms', wayOut };
}

/** The head of prometheus.yml says what each is for. */
const FEATURES = ['exemplar-storage', 'created-timestamp-zero-ingestion'];

function checkFlags(address: string, flags: Readonly<Record<string, string>>): readonly Finding[] {
  const finding = { id: 'engines.flags', where: address };
  const features = (flags['enable-feature'] ?? '').split(',');
  const missing = [
    ...(flags['web.enable-otlp-receiver'] === 'true' ? [] : ['--web.enable-otlp-receiver']),
    ...FEATURES.filter((name) => !features.includes(name)).map((name) => `--enable-feature=${name}`),
  ];
  if (missing.length === 0) return [{ ...finding, level: 'ok', what: 'was started as its file asks', wayOut: '' }];
  const what = `was started without ${missing.join(' ')}`;
  return [{ ...finding, level: 'error', what, wayOut: `start it as the head of ${CONFIG} says` }];
}
