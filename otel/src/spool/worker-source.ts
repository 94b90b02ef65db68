import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { readThreadEnv } from './config.ts';
import type { SpoolSettings } from './worker/protocol.ts';

/** The thread's own file: beside this one in the published build; among the sources it is in `./worker/`. */
const BUILT_WORKER = './spool-worker.cjs';
const SOURCE_FOLDER = './worker/';
const SOURCE_WORKER = './spool-worker.ts';

/** Small: the thread keeps no batch in its heap for longer than its request lasts. */
const LIMITS = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 2 };

/**
 * Starts the thread of the spool. It gets none of our flags and hardly a variable, so that no preload runs in it: it would
 * trace its own requests.
 * @throws when the process may have no threads
 */
export function startSpoolWorker(workerData: SpoolSettings): Worker {
  const options: WorkerOptions = { execArgv: [], env: readThreadEnv(), resourceLimits: LIMITS, name: 'callspan-spool' };
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(BUILT_WORKER, import.meta.url), { ...options, workerData });
  }
  const data = { ...workerData, sources: readSources(), entry: SOURCE_WORKER };
  return new Worker(LOADER, { ...options, eval: true, workerData: data });
}

// What follows is for a kit that runs from its sources. A thread that strips types itself takes 13 MB more than one that
// runs CommonJS, and one that loads ES modules 5 MB more: so the few files are made CommonJS here.
const LOADER = `
const { sources, entry } = require('node:worker_threads').workerData;
const loaded = {};
const load = (name) => {
  if (sources[name] === undefined) return require(name);
  if (loaded[name]) return loaded[name];
  const exports = (loaded[name] = {});
  new Function('require', 'exports', sources[name] + '\\n//# sourceURL=' + name)(load, exports);
  return exports;
};
load(entry);
`;

function readSources(): Record<string, string> {
  const folder = new URL(SOURCE_FOLDER, import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  return withoutWarnings(() =>
    Object.fromEntries(names.map((name) => [`./${name}`, toCommonJs(readFileSync(new URL(name, folder), 'utf8'))])),
  );
}

/** Knows the two forms that the files of the thread use: named imports, and exported functions and constants. */
function toCommonJs(source: string): string {
  const exported: string[] = [];
  const script = stripTypeScriptTypes(source)
    .replaceAll(
      /^import (\{[^}]*\}) from ('[^']+');/gm,
      (_, names: string, from: string) => `const ${names.replaceAll(' as ', ': ')} = require(${from});`,
    )
    .replaceAll(/^export ((?:async )?function|const) (\w+)/gm, (_, kind: string, name: string) => {
      exported.push(name);
      return `${kind} ${name}`;
    });
  return `'use strict';${script}\nObject.assign(exports, { ${exported.join(', ')} });`;
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
