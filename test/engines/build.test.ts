import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ENGINE_NAMES, ENGINES, type EngineName, enginePath, moduleFolder } from './build/engines.ts';
import { findGo } from './build/go.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-build-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The versions of a module list, by module. */
function listModules(name: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(moduleFolder(name), 'go.mod'), 'utf8');
  return new Map(
    [...text.matchAll(/^\s*(?:require )?(\S+) (v\S+)/gm)].map(([, path = '', version = '']) => [path, version]),
  );
}

/** How each says what it is; the rest say their name when asked for `--version`. */
const SAYS: Partial<Record<EngineName, readonly [argument: string, answer: string]>> = {
  otelcol: ['--version', ENGINES.otelcol.version],
  kustomize: ['version', `v${ENGINES.kustomize.version}`],
  'docker-compose': ['--version', 'Docker Compose'],
};

/** A command that says what Go says of its version. */
function writeGo(version: string): string {
  const file = join(folder, `go-${version}`);
  writeFileSync(file, `#!/bin/sh\necho "go version ${version} linux/amd64"\n`, { mode: 0o755 });
  return file;
}

test('every engine is of the version that its module list holds', () => {
  for (const name of ENGINE_NAMES) {
    const [path = '', version] = ENGINES[name].module.split(' ');
    expect([name, listModules(ENGINES[name].folder).get(path)]).toEqual([name, version]);
    const [argument, answer] = SAYS[name] ?? ['--version', name];
    const said = spawnSync(enginePath(name), [argument], { encoding: 'utf8' });
    expect(`${said.stdout}${said.stderr}`).toContain(answer);
  }
});

test('the Collector is built of the modules that its manifest names, in their versions', () => {
  const manifest = parse(readFileSync('collector/builder-config.yaml', 'utf8')) as Record<string, unknown>;
  const named = Object.values(manifest).flatMap((part) => (Array.isArray(part) ? (part as { gomod: string }[]) : []));
  const modules = listModules('collector');
  expect(named.length).toBeGreaterThan(10);
  expect(
    named.map(({ gomod }) => gomod).filter((line) => modules.get(line.split(' ')[0] ?? '') !== line.split(' ')[1]),
  ).toEqual([]);
});

test('the first Go that is new enough is taken', () => {
  const newer = writeGo('go1.27.1');
  expect(findGo([join(folder, 'none'), writeGo('go1.19.8'), newer])).toEqual({ command: newer });
});

test('where Go is missing or too old, one line says what is needed and what was found', () => {
  const none = join(folder, 'none');
  expect(findGo([none])).toEqual({ missing: expect.stringMatching(/Go 1\.26 or newer; no Go at .*none/) });
  expect(findGo([writeGo('go1.19.8')])).toEqual({ missing: expect.stringMatching(/go-go1\.19\.8 is 1\.19/) });
});

test('without Go and without engines the command tells so, and fails where CI=true', () => {
  const run = (CI: string) =>
    spawnSync(process.execPath, ['scripts/test-engines.mjs'], {
      encoding: 'utf8',
      env: { PATH: folder, HOME: folder, CALLSPAN_ENGINES_DIR: folder, CALLSPAN_GO: join(folder, 'none'), CI },
    });
  const alone = run('');
  expect([alone.status, alone.stdout]).toEqual([0, expect.stringContaining('Nothing was tested')]);
  expect(alone.stderr).toContain('Go 1.26 or newer');
  expect(run('true').status).toBe(1);
});

/** A process that says `waiting` while another holds the lock of the folder, then `locked`, and keeps it until it dies. */
function lockInProcess(): { child: ChildProcess; said(word: string): Promise<void> } {
  const source = `
    import { lockFolder } from ${JSON.stringify(new URL('./build/lock.ts', import.meta.url).href)};
    lockFolder(${JSON.stringify(folder)}, () => console.log('waiting'));
    console.log('locked');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  return {
    child,
    async said(word) {
      while (!output.includes(word)) await once(child.stdout ?? child, 'data');
    },
  };
}

test('two builds at once are one after the other, and one that was killed holds nobody up', async () => {
  const first = lockInProcess();
  await first.said('locked');
  const second = lockInProcess();
  await second.said('waiting');
  first.child.kill('SIGKILL');
  await second.said('locked');
  second.child.kill('SIGKILL');
  await once(second.child, 'close');
});
