import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Finding } from '../../scripts/doctor/finding.ts';

/** What `npm run doctor` said. */
export type DoctorRun = {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
  /** With `--json`; empty without. */
  readonly findings: readonly Finding[];
};

/** Runs the doctor as a process, with nothing of this process' own set-up. */
export async function runDoctor(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<DoctorRun> {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^(OTEL_|CALLSPAN_|OPENAI_|TWILIO_|BOT_|VIEWER_|RECORDS_|STANDIN_|PUBLIC_BASE_URL|NODE_OPTIONS|NODE_ENV)/.test(
        name,
      ),
  );
  const child = spawn(process.execPath, ['--conditions=source', 'scripts/doctor/main.ts', ...args], {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const findings =
    args.includes('--json') && output !== '' ? (JSON.parse(output) as { findings: Finding[] }).findings : [];
  return { code, output, errors, findings };
}
