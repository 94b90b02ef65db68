import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The kit as a user gets it: built, packed, ready to be installed in folders of its own. */
export type PackedKit = {
  /** What was packed. */
  readonly folder: string;
  readonly tarball: string;
  /** Installs it in an empty project, without install scripts; returns the project's folder. */
  install(name: string, manifest?: object): Promise<string>;
  close(): void;
};

export async function packKit(): Promise<PackedKit> {
  const root = mkdtempSync(join(tmpdir(), 'callspan-packed-'));
  const folder = join(root, 'package');
  await run(process.execPath, ['otel/build/main.ts', folder], { env: cleanEnv() });
  const { stdout } = await npm(root, ['pack', '--json', folder]);
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  const tarball = join(root, packed?.filename ?? '');
  return {
    folder,
    tarball,
    async install(name, manifest = {}) {
      const project = join(root, name);
      mkdirSync(project);
      const dependencies = { callspan: `file:${tarball}` };
      const given = manifest as { readonly dependencies?: object };
      const whole = { private: true, ...manifest, dependencies: { ...given.dependencies, ...dependencies } };
      writeFileSync(join(project, 'package.json'), JSON.stringify(whole));
      await npm(project, ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']);
      return project;
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Runs Node in a project; what it writes is returned. */
export async function runNode(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await run(process.execPath, [...args], { cwd, env: { ...cleanEnv(), ...env } });
  return stdout;
}

/** Puts a fixture into a project. */
export function copyFixture(project: string, name: string): void {
  copyFileSync(join('test', 'fixtures', 'package', name), join(project, name));
}

function npm(cwd: string, args: readonly string[]) {
  return run('npm', [...args], { cwd, env: cleanEnv(), shell: process.platform === 'win32' });
}

/** Without the flags of this run, and with this Node before the machine's own. */
function cleanEnv(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS|OTEL_|CALLSPAN_)/.test(name));
  return { ...Object.fromEntries(own), PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` };
}
