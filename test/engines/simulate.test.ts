import { spawn } from 'node:child_process';
import { once } from 'node:events';

const DAYS_MS = 900_000;

type Told = {
  readonly scenario: string;
  readonly expected: number;
  readonly fired: number;
  readonly false: number;
  readonly alarms: readonly { readonly labels: Readonly<Record<string, string>> }[];
};

/** `npm run thresholds -- simulate` of one day each, by the promtool that was built. */
async function simulate(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const command = ['--conditions=source', 'thresholds/cli.ts', 'simulate', '--json', ...args];
  const child = spawn(process.execPath, command, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = Buffer.concat(chunks).toString('utf8').trim().split('\n');
  const days = lines.map((line) => JSON.parse(line) as Told);
  for (const { scenario, fired, expected, false: wrong } of days) {
    process.stdout.write(`${scenario}: ${fired} of ${expected} expected alarms fired, ${wrong} false\n`);
  }
  return { code, days };
}

const SCENARIOS = ['healthy-day', 'slow-provider', 'outage', 'quiet-night'];
const TROUBLED: readonly string[] = ['slow-provider', 'outage'];

test(
  'no alarm fires on a healthy day and in a quiet night; in trouble every expected one and no other',
  async () => {
    const { code, days } = await simulate(SCENARIOS.flatMap((name) => ['--scenario', name]));
    const counts = days.map((day) => [day.scenario, day.alarms.length > 0, day.expected - day.fired, day.false]);
    expect(counts).toEqual(SCENARIOS.map((name) => [name, TROUBLED.includes(name), 0, 0]));
    for (const { scenario, expected } of days) {
      if (TROUBLED.includes(scenario)) expect(expected).toBeGreaterThan(9);
      else expect(expected).toBe(0);
    }
    expect(code).toBe(0);
  },
  DAYS_MS,
);

test(
  'a limit that a healthy bot passes is found: its alarms are false ones',
  async () => {
    const limit = { CALLSPAN_THRESHOLD_RESPONSE_GAP_WARNING_MS: '600' };
    const { code, days } = await simulate(['--scenario', 'healthy-day'], limit);
    expect(code).toBe(1);
    const names = new Set(days.flatMap(({ alarms }) => alarms.map(({ labels }) => labels.alertname)));
    expect([...names]).toEqual(['CallspanLimitWarning']);
    expect(days[0]?.false).toBeGreaterThan(0);
  },
  DAYS_MS,
);
