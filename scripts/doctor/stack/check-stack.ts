import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Finding } from '../finding.ts';
import { isProduction } from '../production.ts';
import { checkComponents } from './check-components.ts';
import { checkPublishedPorts } from './check-published-ports.ts';
import { checkReferences, checkVolumes } from './check-references.ts';
import { checkStackSecrets } from './check-secrets.ts';
import { type ComposeFile, listMissingVariables, readComposeFiles } from './compose-files.ts';
import { CONTRIB_IMAGE, readDistribution } from './image-components.ts';

const BASE = 'docker-compose.yml';
const PRODUCTION = 'docker-compose.prod.yml';
const COLLECTOR = 'otel-collector.yaml';
const MANIFEST = 'collector/builder-config.yaml';
const ALERTMANAGER = 'collector/alertmanager/alertmanager.generated.yaml';

/**
 * What is wrong with the stack's files and this machine, before anything is started: files that do not exist, variables and
 * secrets that are missing, weak or development's, folders that cannot be written, ports in use, components that the
 * Collector's image lacks. Starts and changes nothing.
 * @param folder the project's
 * @param env `COMPOSE_FILE` chooses the files; without it `CALLSPAN_ENVIRONMENT` or `NODE_ENV` = production takes those of production
 */
export async function checkStack(folder: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const files = chooseFiles(env).map((file) => resolve(folder, file));
  const absent = files.filter((file) => !existsSync(file));
  if (absent.length > 0) return absent.map((file) => unreadable(file, 'is not there'));
  let compose: ComposeFile;
  try {
    compose = readComposeFiles(files);
  } catch (error) {
    return [unreadable(files.join(', '), `cannot be read: ${firstLine(error)}`)];
  }
  const isForProduction = files.some((file) => file.endsWith(PRODUCTION));
  return [
    ...checkVariables(files, env),
    ...checkReferences(compose, folder, env),
    ...(isForProduction ? readSecrets(folder, env) : [developmentSecrets()]),
    ...checkVolumes(compose, folder, env),
    ...checkCollector(compose, folder),
    ...(await checkPublishedPorts(compose)),
  ];
}

function chooseFiles(env: NodeJS.ProcessEnv): readonly string[] {
  if (env.COMPOSE_FILE) return env.COMPOSE_FILE.split(env.COMPOSE_PATH_SEPARATOR || delimiter);
  return isProduction(env) ? [BASE, PRODUCTION] : [BASE];
}

function checkVariables(files: readonly string[], env: NodeJS.ProcessEnv): readonly Finding[] {
  return files.flatMap((file) =>
    listMissingVariables(readFileSync(file, 'utf8'), env).map(([name, why]) => ({
      id: 'stack.variable',
      level: 'error' as const,
      what: `${name} is not set: ${why}`,
      where: file,
      wayOut: `set it in the shell or in .env: ${name}=...`,
    })),
  );
}

function readSecrets(folder: string, env: NodeJS.ProcessEnv): readonly Finding[] {
  const file = join(folder, ALERTMANAGER);
  if (!existsSync(file)) return [unreadable(file, 'is not there')];
  return checkStackSecrets(resolve(folder, env.CALLSPAN_SECRETS_DIR || './secrets'), readFileSync(file, 'utf8'));
}

function developmentSecrets(): Finding {
  const what = 'fixed words that everybody knows: for this machine alone, its ports are on loopback';
  return { id: 'stack.secret.strength', level: 'ok', what, where: 'collector/compose/development-secrets', wayOut: '' };
}

function checkCollector(compose: ComposeFile, folder: string): readonly Finding[] {
  const overlays = listOverlays(folder);
  const image = String(compose.services.collector?.image ?? '');
  try {
    const isContrib = image.includes('opentelemetry-collector-contrib');
    const components = isContrib
      ? CONTRIB_IMAGE
      : readDistribution(parse(readFileSync(join(folder, MANIFEST), 'utf8')));
    return checkComponents({ folder, base: COLLECTOR, overlays }, image || MANIFEST, components);
  } catch (error) {
    return [unreadable(MANIFEST, `cannot be read: ${firstLine(error)}`)];
  }
}

function listOverlays(folder: string): readonly string[] {
  const overlays = join('collector', 'overlays');
  const own = join('collector', 'compose', 'collector.yaml');
  const found = existsSync(join(folder, overlays)) ? readdirSync(join(folder, overlays)) : [];
  return [
    ...found.filter((name) => name.endsWith('.yaml')).map((name) => join(overlays, name)),
    ...(existsSync(join(folder, own)) ? [own] : []),
  ];
}

function unreadable(where: string, what: string): Finding {
  return {
    id: 'stack.file',
    level: 'error',
    what,
    where,
    wayOut: 'get the file back (git status), or correct COMPOSE_FILE',
  };
}

function firstLine(error: unknown): string {
  return String((error as Error).message).split('\n', 1)[0] ?? '';
}
