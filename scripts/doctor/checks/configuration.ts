import { existsSync, readFileSync } from 'node:fs';
import { readLogConfig } from '../../../otel/src/logs/config.ts';
import { readMeasureConfig } from '../../../otel/src/measures/config.ts';
import { readRedactionConfig } from '../../../otel/src/redaction/config.ts';
import { readTelemetryConfig } from '../../../otel/src/sdk/config.ts';
import { readProtocols, readSpoolConfig } from '../../../otel/src/spool/config.ts';
import { readBotConfig } from '../../../services/bot/config.ts';
import { readCallerConfig } from '../../../services/caller/config.ts';
import { readStandinConfig } from '../../../services/openai/config.ts';
import { readRecordsConfig } from '../../../services/records/config.ts';
import type { ServiceName } from '../../../services/set/options.ts';
import { readViewerConfig } from '../../../services/viewer/config.ts';
import { findNearest } from '../../../thresholds/nearest.ts';
import type { Finding } from '../finding.ts';
import type { Setup } from '../setup.ts';

type Reader = (env: NodeJS.ProcessEnv) => unknown;

const SERVICES: Readonly<Record<ServiceName, Reader>> = {
  viewer: readViewerConfig,
  records: readRecordsConfig,
  openai: readStandinConfig,
  bot: readBotConfig,
  caller: readCallerConfig,
};

/** What the kit reads in every service. */
const KIT: Readonly<Record<string, Reader>> = {
  telemetry: readTelemetryConfig,
  spool: (env) => [readSpoolConfig('bot', env), readProtocols(env)],
  logs: (env) => readLogConfig(env),
  measures: readMeasureConfig,
  redaction: (env) => readRedactionConfig(() => false, env),
};

/** Whether every service of the set could read its configuration, and whether a variable is misspelled. */
export function checkConfiguration({ plan, refusal, env, given }: Setup): readonly Finding[] {
  const findings: Finding[] = [];
  if (refusal !== undefined) {
    findings.push(wrong('configuration.set', 'npm start', refusal));
  }
  const services = plan?.services ?? (['bot', 'records', 'viewer'] as const);
  for (const name of services) findings.push(tryReader(`configuration.${name}`, name, () => SERVICES[name](env)));
  for (const [name, read] of Object.entries(KIT)) {
    findings.push(tryReader(`configuration.${name}`, `${name} of every service`, () => read(env)));
  }
  return [...findings, ...findMisspelled(given)];
}

function tryReader(id: string, where: string, read: () => unknown): Finding {
  try {
    read();
    return { id, level: 'ok', what: 'the configuration can be read', where, wayOut: '' };
  } catch (error) {
    return wrong(id, where, (error as Error).message);
  }
}

function wrong(id: string, where: string, message: string): Finding {
  const what = message.split('\n', 1)[0] ?? '';
  return {
    id,
    level: 'error',
    what,
    where,
    wayOut: 'correct the variable in the shell or in .env; .env.example lists all',
  };
}

/** Ours by their first word; the standard ones of OpenTelemetry are more than we list. */
const OWN_PREFIX = /^(BOT|CALLSPAN|RECORDS|STANDIN|TWILIO_SIM|VIEWER|STT|LLM|TTS)_/;
/** Where names of variables are written; what of it is not there is not asked. */
const LISTS = ['.env.example', 'otel-collector.yaml', 'docker-compose.yml', 'docker-compose.prod.yml'];
/** Read by the doctor and by tests of the engines alone. */
const DOCTORS =
  /^CALLSPAN_(TEMPO|LOKI|PROMETHEUS|ALERTMANAGER|GRAFANA|COLLECTOR)_\w+$|^CALLSPAN_(ENGINES_DIR|THRESHOLD_\w+)$/;

function findMisspelled(given: NodeJS.ProcessEnv): readonly Finding[] {
  const known = LISTS.filter((file) => existsSync(file)).flatMap(
    (file) => readFileSync(file, 'utf8').match(/\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b/g) ?? [],
  );
  const isKnown = (name: string) => known.includes(name) || known.includes(name.replace(/_FILE$/, ''));
  return Object.keys(given)
    .filter((name) => OWN_PREFIX.test(name) && !isKnown(name) && !DOCTORS.test(name))
    .map((name) => {
      const nearest = findNearest(name, known);
      return {
        id: 'configuration.unknown',
        level: 'warning',
        what: 'no service reads this variable',
        where: name,
        wayOut: nearest ? `did you mean ${nearest}?` : 'leave it out; .env.example lists all that are read',
      };
    });
}
