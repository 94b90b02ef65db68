import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Beside this file in the published build; among the sources it is `./worker/spool-worker.ts`. */
const BUILT_WORKER = './spool-worker.cjs';
const SOURCE_FOLDER = './worker/';
const SOURCE_WORKER = `${SOURCE_FOLDER}spool-worker.ts`;

/** Small: the thread keeps no batch in its heap for longer than its request lasts. */
const LIMITS = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 2 };

/**
 * Starts the thread of the spool. It gets none of our flags and variables, so that no preload runs in it: it would
 * trace its own requests. Only where the kit runs from its sources, their types are stripped here, because a thread
 * that strips them itself takes 9 MB more.
 */
export function startSpoolWorker(workerData: object): Worker {
  const options: WorkerOptions = { execArgv: [], env: {}, resourceLimits: LIMITS, name: 'callspan-spool' };
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(BUILT_WORKER, import.meta.url), { ...options, workerData });
  }
  const data = { ...workerData, sources: strippedSources(), entry: new URL(SOURCE_WORKER, import.meta.url).href };
  return new Worker(LOADER, { ...options, eval: true, workerData: data });
}

const LOADER = `
const { workerData } = require('node:worker_threads');
require('node:module').registerHooks({
  load: (url, context, next) => workerData.sources[url] === undefined
    ? next(url, context)
    : { format: 'module', source: workerData.sources[url], shortCircuit: true },
});
import(workerData.entry);
`;

function strippedSources(): Record<string, string> {
  const folder = new URL(SOURCE_FOLDER, import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  return withoutWarnings(() =>
    Object.fromEntries(
      names.map((name) => {
        const file = new URL(name, folder);
        return [file.href, stripTypeScriptTypes(readFileSync(file, 'utf8'))];
      }),
    ),
  );
}

/** Node calls the function experimental, though it runs every source file through it without a word. */
function withoutWarnings<T>(work: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}
