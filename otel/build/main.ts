import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleSources, bundleVendored, bundleWorkers } from './bundle.ts';
import { writeDeclarations } from './declarations.ts';
import { generateManifest } from './manifest.ts';
import { writeModuleWrappers, writePreloads } from './wrappers.ts';

/** `npm run build [-- FOLDER]`: makes the package that is published. */
const USAGE = `Usage: npm run build [-- FOLDER]
Makes the package callspan in FOLDER (default: otel/dist), whose content is replaced.
`;
const [given] = process.argv.slice(2);
if (given?.startsWith('-')) {
  const isHelp = given === '--help' || given === '-h';
  process[isHelp ? 'stdout' : 'stderr'].write(isHelp ? USAGE : `${given} is no folder\n${USAGE}`);
  process.exit(isHelp ? 0 : 2);
}

const root = resolve(import.meta.dirname, '..');
const target = resolve(given ?? join(root, 'dist'));
const lib = join(target, 'lib');

rmSync(target, { recursive: true, force: true });
mkdirSync(lib, { recursive: true });
const exportsOf = await bundleSources(join(root, 'src'), lib);
await bundleWorkers(join(root, 'src'), lib);
await bundleVendored(lib);
writeDeclarations(root, lib);
writeModuleWrappers(lib, exportsOf);
writePreloads(root, target);
cpSync(join(root, 'prices.json'), join(target, 'prices.json'));
cpSync(join(root, 'README.md'), join(target, 'README.md'));
cpSync(join(root, '..', 'LICENSE'), join(target, 'LICENSE'));
cpSync(join(root, 'NOTICE'), join(target, 'NOTICE'));
writeFileSync(
  join(target, 'package.json'),
  `${JSON.stringify(generateManifest(join(root, 'package.json')), null, 2)}\n`,
);
process.stdout.write(`built ${target}\n`);
