import { readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Receivers, readReceivers } from './generate/routes-channels.ts';
import { type Links, LOCAL_LINKS } from './generate/rules/words.ts';
import type { Thresholds } from './model.ts';
import { ThresholdsError } from './problems.ts';
import { MOST_BYTES, readThresholds } from './read.ts';

/** The project's own file. */
export const THRESHOLDS_FILE = fileURLToPath(new URL('./thresholds.yaml', import.meta.url));

const RECEIVERS_FILE = 'collector/alertmanager/receivers.yaml';

/** Which file, and where overrides come from. */
export type LoadOptions = {
  /** Default: the project's own. */
  readonly file?: string;
  /** Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
};

/**
 * Reads a thresholds file from disk with the overrides of the environment.
 * @throws ThresholdsError where it is missing, no text, too large or wrong
 */
export function loadThresholds({ file = THRESHOLDS_FILE, env = process.env }: LoadOptions = {}): Thresholds {
  const name = relative(process.cwd(), file);
  const shown = name === '' || name.startsWith('..') ? file : name;
  return readThresholds(readText(file, shown), { file: shown, env });
}

/** Who is told, by the file of the folder that the process runs in. @throws ThresholdsError where it is wrong */
export function loadReceivers(): Receivers {
  return readReceivers(readFileSync(RECEIVERS_FILE, 'utf8'), RECEIVERS_FILE);
}

/** Links as the environment has them: `CALLSPAN_PAGE_URL`, `CALLSPAN_GRAFANA_URL`, `CALLSPAN_RUNBOOKS_URL`. */
export function readLinks(env: Readonly<Record<string, string | undefined>> = process.env): Links {
  const read = (name: string, otherwise: string) => (env[name] || otherwise).replace(/\/+$/, '');
  return {
    pageUrl: read('CALLSPAN_PAGE_URL', LOCAL_LINKS.pageUrl),
    grafanaUrl: read('CALLSPAN_GRAFANA_URL', LOCAL_LINKS.grafanaUrl),
    runbooksUrl: read('CALLSPAN_RUNBOOKS_URL', LOCAL_LINKS.runbooksUrl),
  };
}

function readText(file: string, shown: string): string {
  const refuse = (reason: string, cause?: unknown) =>
    new ThresholdsError(shown, [{ line: 1, column: 1, path: '', reason }], { cause });
  try {
    // Before it is opened: opening a pipe waits for somebody who writes into it.
    const stat = statSync(file);
    if (!stat.isFile()) throw refuse('is no file');
    if (stat.size > MOST_BYTES) throw refuse(`is longer than ${MOST_BYTES} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof ThresholdsError) throw error;
    throw refuse(explainFailure(error), error);
  }
}

function explainFailure(error: unknown): string {
  const { code, message } = Object(error) as { readonly code?: unknown; readonly message?: unknown };
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'ELOOP') return 'is a symbolic link that leads back to itself';
  if (code === 'EACCES') return 'may not be read';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is no UTF-8 text';
  return `cannot be read: ${message}`;
}
