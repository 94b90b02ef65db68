import { type ChildProcess, spawn } from 'node:child_process';

/** Arguments and environment of `npm run call`; nothing of Callspan runs around it unless `env` says where. */
export type CommandRun = {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Called with all that it has printed, each time it prints something. */
  readonly onPrint?: (stdout: string, child: ChildProcess) => void;
};

/** Runs the command to its end, ten times faster than the wall unless CALLSPAN_SPEED says otherwise. */
export async function runCallCommand({ args, env = {}, onPrint }: CommandRun) {
  const nowhere = { TWILIO_SIM_PORT: '1', VIEWER_PORT: '1', RECORDS_PORT: '1', CALLSPAN_DATA_DIR: '/nonexistent' };
  const child = spawn(process.execPath, ['--conditions=source', 'services/caller/cli.ts', ...args], {
    env: { PATH: process.env.PATH ?? '', CALLSPAN_SPEED: '10', ...nowhere, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => {
    output.stdout += text;
    onPrint?.(output.stdout, child);
  });
  child.stderr.on('data', (text) => {
    output.stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { code, ...output };
}
