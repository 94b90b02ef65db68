import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { shortenKeys, shortenWindows, TIME_FACTOR } from './time-factor.ts';

/** The project's own files. */
export const OWN = {
  collector: 'otel-collector.yaml',
  sampling: 'collector/overlays/sampling.generated.yaml',
  prometheus: 'collector/prometheus/prometheus.yml',
  rules: 'collector/prometheus/rules',
  ruleTests: 'collector/prometheus/tests',
  targets: 'collector/prometheus/targets',
  loki: 'collector/loki/loki.yaml',
  lokiObjectStorage: 'collector/loki/loki-object-storage.yaml',
  tempo: 'collector/tempo/tempo.yaml',
  tempoObjectStorage: 'collector/tempo/tempo-object-storage.yaml',
  alertmanager: 'collector/alertmanager/alertmanager.generated.yaml',
  templates: 'collector/alertmanager/templates',
} as const;

/** Where Alertmanager's file looks for secrets. */
const SECRETS = '/etc/alertmanager/secrets';

const COLLECTOR_TIMES = new Set(['metrics_flush_interval', 'series_expiration', 'decision_wait']);
const PROMETHEUS_TIMES = new Set(['scrape_interval', 'scrape_timeout', 'evaluation_interval']);
const RULE_TIMES = new Set(['interval', 'for', 'keep_firing_for']);
const ALERTMANAGER_TIMES = new Set(['resolve_timeout', 'group_wait', 'group_interval', 'repeat_interval']);

/** The documents of the project's files as they are run: read, shortened, moved; each function returns the copy's path. */
export function writeCollectorFile(folder: string, factor: number = TIME_FACTOR): string {
  return write(folder, 'otel-collector.yaml', shortenKeys(read(OWN.collector), COLLECTOR_TIMES, factor));
}

/** @param addresses of this run by the address in the file, `host:port` */
export function writePrometheusFiles(
  folder: string,
  addresses: Readonly<Record<string, string>>,
  factor: number = TIME_FACTOR,
): string {
  const rules = join(folder, 'rules');
  mkdirSync(rules, { recursive: true });
  for (const file of readdirSync(OWN.rules)) {
    write(rules, file, shortenRules(shortenKeys(read(join(OWN.rules, file)), RULE_TIMES, factor), factor));
  }
  for (const file of readdirSync(OWN.targets)) {
    const text = readFileSync(join(OWN.targets, file), 'utf8');
    const moved = Object.entries(addresses).reduce((sum, [from, to]) => sum.replaceAll(from, to), text);
    writeText(join(folder, 'targets'), file, moved);
  }
  return write(folder, 'prometheus.yml', shortenKeys(read(OWN.prometheus), PROMETHEUS_TIMES, factor));
}

/** What Prometheus is started with, as its file says. */
export function listPrometheusFlags(): readonly string[] {
  return readFileSync(OWN.prometheus, 'utf8').match(/--(web\.enable|enable-feature|query\.)\S+/g) ?? [];
}

/** Secrets are files of this run: an address of a channel is one, the rest is made up. */
export function writeAlertmanagerFiles(
  folder: string,
  sink: { readonly url: string; readonly smarthost: string },
  factor: number = TIME_FACTOR,
) {
  cpSync(OWN.templates, join(folder, 'templates'), { recursive: true });
  const secrets = join(folder, 'secrets');
  mkdirSync(secrets, { recursive: true });
  const shortened = shortenKeys(read(OWN.alertmanager), ALERTMANAGER_TIMES, factor);
  const text = JSON.stringify(shortened).replaceAll(SECRETS, secrets);
  for (const [path] of text.matchAll(new RegExp(`${secrets}/[\\w-]+`, 'g'))) {
    const channel = path.endsWith('slack-url') ? 'slack' : 'webhook';
    writeFileSync(path, path.endsWith('-url') ? `${sink.url}/${channel}` : 'made-up');
  }
  const config = JSON.parse(text) as AlertmanagerFile;
  for (const receiver of config.receivers) {
    for (const mail of receiver.email_configs ?? []) Object.assign(mail, { smarthost: sink.smarthost });
  }
  // Addresses that the vendors' own are the defaults of; and loopback has no TLS.
  const global = { ...config.global, pagerduty_url: `${sink.url}/pagerduty`, smtp_require_tls: false };
  return write(folder, 'alertmanager.yml', { ...config, global });
}

type AlertmanagerFile = {
  readonly global: object;
  readonly receivers: readonly { readonly email_configs?: readonly object[] }[];
};
type RuleFile = { readonly groups: readonly { readonly rules: readonly { readonly expr: string }[] }[] };

function shortenRules(file: unknown, factor: number): RuleFile {
  const { groups } = file as RuleFile;
  return {
    groups: groups.map((group) => ({
      ...group,
      rules: group.rules.map((rule) => ({ ...rule, expr: shortenWindows(rule.expr, factor) })),
    })),
  };
}

function read(file: string): unknown {
  // The Collector's file says what two exporters share once.
  return parse(readFileSync(file, 'utf8'), { merge: true });
}

function write(folder: string, name: string, content: unknown): string {
  return writeText(folder, name, stringify(content, { aliasDuplicateObjects: false }));
}

function writeText(folder: string, name: string, content: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
