// `npm run doctor`: what is wrong with this set-up, a sign a line, each with what to do.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Finding } from './finding.ts';
import { countLevels, formatFinding, formatJson, formatSum } from './report.ts';
import { readSetup } from './setup.ts';
import { type Check, type Checks, SUBJECTS } from './subjects.ts';

const HELP = `npm run doctor -- [stack | engines | alerts] [--json]

  (nothing)              this set-up: Node, data folder, disk, clock, configuration, limits, ports, secrets, neighbours, and
                         whether a marked span, log record and metric arrive where telemetry goes
  stack                  the production stack: its files, its secrets, and every engine that runs; the files of production
                         with CALLSPAN_ENVIRONMENT=production, or those that COMPOSE_FILE names
  engines                only the engines: docker compose run --rm doctor asks them from inside
  alerts                 sends a marked test alert to each receiver of Alertmanager, and says which were told
  --json                 one JSON object: {"errors", "warnings", "findings": [{"id", "level", "what", "where", "wayOut"}]}
  --help                 this text

Exit code: 0 no error (there may be warnings), 1 an error, 2 wrong usage.
Addresses of the engines: CALLSPAN_COLLECTOR_OTLP_URL, CALLSPAN_TEMPO_URL, CALLSPAN_LOKI_URL, CALLSPAN_PROMETHEUS_URL,
CALLSPAN_ALERTMANAGER_URL, CALLSPAN_GRAFANA_URL; without them those that docker-compose.yml publishes on this machine.`;

async function listChecks(subject: string): Promise<Checks> {
  const list = Object.hasOwn(SUBJECTS, subject) ? SUBJECTS[subject] : undefined;
  if (!list) throw new UsageError(`there is no "${subject}": choose from stack, engines, alerts`);
  if (existsSync('.env')) process.loadEnvFile('.env');
  const setup = readSetup({ ...process.env });
  // The exporters of OpenTelemetry read the environment of their process.
  Object.assign(process.env, setup.env);
  return list(setup);
}

class UsageError extends Error {}

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const findings: Finding[] = [];
  for (const [name, check] of await listChecks(positionals.join(' '))) {
    const found = await runCheck(name, check);
    findings.push(...found);
    if (!values.json) for (const finding of found) console.log(formatFinding(finding));
  }
  console.log(values.json ? formatJson(findings) : formatSum(findings));
  return countLevels(findings).errors > 0 ? 1 : 0;
}

function readArguments() {
  try {
    const options = { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } as const;
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** A check that breaks is a finding of its own: the others are still told. */
async function runCheck(name: string, check: Check): Promise<readonly Finding[]> {
  try {
    return await check();
  } catch (error) {
    const what = `could not be looked at: ${(error as Error).message}`;
    return [
      { id: `${name}.check`, level: 'error', what, where: name, wayOut: 'correct what is named, and run it again' },
    ];
  }
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(`doctor: ${error.message}`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
