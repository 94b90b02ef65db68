import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fillEnginesTable } from '../../scripts/engines-table.ts';
import { STACK_FILES } from '../../scripts/stack-files.ts';
import { STACK_ENGINES, type StackCommand } from '../../scripts/stack-proofs.ts';
import { ENGINES, type EngineName } from './build/engines.ts';
import { runTool } from './stage/run-tool.ts';

type Check = { readonly path: string; readonly engine: EngineName; readonly command: StackCommand };

const PROOFS = STACK_FILES.flatMap(({ path, proofs }) => proofs.map((proof) => ({ path, ...proof })));
const CHECKS = PROOFS.flatMap(({ path, engine, command }): readonly Check[] =>
  engine && command ? globSync(path).map((file) => ({ path: file, engine, command })) : [],
);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-stack-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = ({ engine, command }: Check, file: string) =>
  runTool(engine, ...command.args.map((arg) => arg.replace('FILE', file)));

test.each(CHECKS)('$engine takes $path and refuses a copy with a fault in it', (check) => {
  const { code, output } = run(check, check.path);
  expect([code, code === 0 ? '' : output]).toEqual([0, '']);
  // What it names stands beside it, but for files of the project's own folder, which name that.
  if (dirname(check.path) !== '.') cpSync(dirname(check.path), folder, { recursive: true });
  const copy = join(folder, basename(check.path));
  const text = readFileSync(check.path, 'utf8');
  const [from, to] = check.command.broken;
  expect(text).toContain(from);
  writeFileSync(copy, text.replace(from, to));
  const refused = run(check, copy);
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain(check.command.says);
});

test('Prometheus takes the addresses of Compose in place of those of loopback, and refuses one without a job', () => {
  cpSync('collector/prometheus', folder, { recursive: true });
  cpSync('collector/prometheus/targets-compose', join(folder, 'targets'), { recursive: true });
  const check = () =>
    runTool('promtool', 'check', 'config', '--lint=all', '--lint-fatal', join(folder, 'prometheus.yml'));
  expect(check().code).toBe(0);
  writeFileSync(join(folder, 'targets', 'engines.yml'), '- target: [collector]');
  expect(check().code).not.toBe(0);
});

test('every file of the list is there, and every file of the stack is in the list', () => {
  expect(STACK_FILES.filter(({ path }) => globSync(path).length === 0).map(({ path }) => path)).toEqual([]);
  const listed = new Set(STACK_FILES.flatMap(({ path }) => globSync(path)));
  const all = globSync(
    [
      'otel-collector.yaml',
      'docker-compose*.yml',
      'Dockerfile',
      'collector/**/*',
      'dashboards/{generated,provisioning}/**/*',
    ],
    {
      withFileTypes: true,
    },
  );
  const files = all.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(files.map((file) => file.replace(`${process.cwd()}/`, '')).filter((file) => !listed.has(file))).toEqual([]);
});

test('every engine of the table is the one that the tests build, and its tests run it', () => {
  for (const [name, { version }] of Object.entries(STACK_ENGINES)) {
    expect([name, version]).toEqual([name, ENGINES[name as EngineName].version]);
  }
  for (const { engine, test: file, command, isRefusedBroken = false } of PROOFS) {
    expect([file, existsSync(file)]).toEqual([file, true]);
    if (isRefusedBroken) expect([file, readFileSync(file, 'utf8')]).toEqual([file, expect.stringContaining('refuse')]);
    if (engine && !command)
      expect([file, engine, readWithStage(file).includes(`'${engine}'`)]).toEqual([file, engine, true]);
  }
});

test('the versions that the table names are those of the images', () => {
  const compose = readFileSync('docker-compose.yml', 'utf8');
  const images = {
    otelcol: 'collector-contrib',
    prometheus: 'prometheus',
    alertmanager: 'alertmanager',
    loki: 'loki',
  } as const;
  for (const [name, image] of Object.entries(images)) {
    const { version, inStack } = { inStack: undefined, ...STACK_ENGINES[name as keyof typeof images] };
    const [, found] = new RegExp(`image: \\S+${image}:v?(\\S+)`).exec(compose) ?? [];
    expect([name, found]).toEqual([name, inStack ?? version]);
  }
});

/** A test and the files of the stage that it uses. */
function readWithStage(file: string, seen: Set<string> = new Set()): string {
  if (seen.has(file)) return '';
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  const imports = [...text.matchAll(/from '(\.[^']*\.ts)'/g)].filter(([, path = '']) => !path.includes('build/'));
  return [text, ...imports.map(([, path = '']) => readWithStage(join(dirname(file), path), seen))].join('\n');
}

test('a table that was changed by hand is made again', () => {
  const page = readFileSync('docs/production.md', 'utf8');
  expect(fillEnginesTable(page)).toBe(page);
  expect(fillEnginesTable(page.replace('Loki 3.7.8', 'Loki 9.9.9'))).toBe(page);
  expect(() => fillEnginesTable('# Production')).toThrow('docs/production.md has no lines');
});
