import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Which example, and what stands before it on Node's command line. */
export type ExampleRun = {
  readonly file: string;
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A project that has the folder `examples`; default: this repository. */
  readonly project?: string;
};

const running = new Set<ChildProcess>();

/** Ends what a failed test has left running. */
export function killExamples(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Starts an example on a free port as its README does; `output` is all that it prints. */
export async function startExample({ file, nodeArgs = [], env = {}, project = '.' }: ExampleRun) {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-example-'));
  const child = spawn(process.execPath, ['--conditions=source', ...nodeArgs, join('examples', file)], {
    env: { PATH: process.env.PATH ?? '', PORT: '0', CALLSPAN_DATA_DIR: folder, ...env },
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const exited = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      running.delete(child);
      rmSync(folder, { recursive: true, force: true });
      resolve(code);
    });
  });
  let output = '';
  const url = new Promise<string>((resolve, reject) => {
    const onText = (text: Buffer) => {
      output += text;
      const found = /listening on (http:\/\/\S+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', onText);
    child.stderr.on('data', onText);
    void exited.then((code) => reject(new Error(`${file} ended with ${code}: ${output}`)));
  });
  return {
    url: await url,
    output: () => output,
    /** Asks it to end, as a supervisor does: what it has to send is sent. */
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}
