import type { SetPlan } from '../../../services/set/environment.ts';
import { type Answer, ask, describeAnswer, isGood } from '../ask.ts';
import type { Finding, FindingLevel } from '../finding.ts';
import { readSecret, type Setup } from '../setup.ts';

const SKEW_WARNING_MS = 5000;
/** Tokens of streams live a minute; engines refuse what lies further away. */
const SKEW_ERROR_MS = 60_000;

/** Somebody whom the set depends on. `mustAnswer`: not one of the set, so that starting it would not help. */
type Neighbour = {
  readonly id: string;
  readonly variable: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly mustAnswer: boolean;
};

/** Whether records, models and page answer, and whether their clocks are ours. */
export async function checkReach(setup: Setup): Promise<readonly Finding[]> {
  const { plan } = setup;
  if (!plan) return [];
  const asked = await Promise.all(
    listNeighbours(plan).map(async (neighbour) => ({
      neighbour,
      answer: await ask(neighbour.url, neighbour.headers ? { headers: neighbour.headers } : {}),
    })),
  );
  const isRunning = asked.some(({ neighbour, answer }) => !neighbour.mustAnswer && answer.status !== undefined);
  const findings = asked.map(({ neighbour, answer }) => toFinding(neighbour, answer, isRunning));
  return [...findings, ...checkClocks(asked)];
}

function listNeighbours({ env, services, address }: SetPlan): readonly Neighbour[] {
  const isOwn = (url: string, own: string) => url.startsWith(own);
  const records = env.RECORDS_URL ?? address('records');
  const token = readSecret(env, 'CALLSPAN_OPERATIONS_TOKEN');
  const neighbours: Neighbour[] = [
    {
      id: 'reach.records',
      variable: 'RECORDS_URL',
      url: `${records}/healthz`,
      mustAnswer: !isOwn(records, address('records')),
    },
    ...listModels(env).map(({ variable, base }) => ({
      id: 'reach.models',
      variable,
      url: `${base.replace(/\/$/, '')}/models`,
      headers: { authorization: `Bearer ${readSecret(env, 'OPENAI_API_KEY') ?? ''}` },
      mustAnswer: !isOwn(base, address('openai')),
    })),
  ];
  if (!services.includes('viewer')) return neighbours;
  const headers = token ? { headers: { authorization: `Bearer ${token}` } } : {};
  const page = { id: 'reach.viewer', variable: 'VIEWER_PORT', url: `${address('viewer')}/readyz`, ...headers };
  return [...neighbours, { ...page, mustAnswer: false }];
}

function listModels(env: NodeJS.ProcessEnv): readonly { readonly variable: string; readonly base: string }[] {
  const general = { variable: 'OPENAI_BASE_URL', base: env.OPENAI_BASE_URL || 'https://api.openai.com/v1' };
  const own = ['STT_BASE_URL', 'LLM_BASE_URL', 'TTS_BASE_URL'].flatMap((variable) => {
    const base = env[variable];
    return base && base !== general.base ? [{ variable, base }] : [];
  });
  return [general, ...own];
}

function toFinding({ id, variable, url, mustAnswer }: Neighbour, answer: Answer, isRunning: boolean): Finding {
  const where = `${url} (${variable})`;
  if (isGood(answer)) return { id, level: 'ok', what: 'answers', where, wayOut: '' };
  const what = describeAnswer(answer);
  if (answer.status === 401) {
    return {
      id,
      level: 'error',
      what: 'refuses the key (401)',
      where,
      wayOut: 'set OPENAI_API_KEY to a key that is valid',
    };
  }
  // A server with an address for speech alone may know no list of models.
  if (answer.status === 404 && id === 'reach.models') {
    return { id, level: 'ok', what: 'answers, and lists no models', where, wayOut: '' };
  }
  const level: FindingLevel = mustAnswer || isRunning ? 'error' : 'warning';
  const wayOut = mustAnswer ? `correct ${variable}, or start what is to be there` : 'npm start';
  return { id, level, what, where, wayOut };
}

function checkClocks(asked: readonly { readonly neighbour: Neighbour; readonly answer: Answer }[]): readonly Finding[] {
  const id = 'machine.clock';
  const known = asked.flatMap(({ neighbour, answer }) =>
    answer.skewMs === undefined ? [] : [{ where: new URL(neighbour.url).origin, skewMs: answer.skewMs }],
  );
  const worst = known.toSorted((one, other) => Math.abs(other.skewMs) - Math.abs(one.skewMs))[0];
  if (!worst) return [{ id, level: 'ok', what: 'not compared: nobody answered', where: 'this machine', wayOut: '' }];
  const offMs = Math.abs(worst.skewMs);
  const what = `${(offMs / 1000).toFixed(1)} s ${worst.skewMs < 0 ? 'before' : 'behind'} that of ${worst.where}`;
  if (offMs < SKEW_WARNING_MS) return [{ id, level: 'ok', what, where: 'this machine', wayOut: '' }];
  const level = offMs > SKEW_ERROR_MS ? 'error' : 'warning';
  return [
    { id, level, what, where: 'this machine', wayOut: 'let NTP set the clock of both (timedatectl set-ntp true)' },
  ];
}
