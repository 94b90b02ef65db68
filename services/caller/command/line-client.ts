import { get, type IncomingMessage } from 'node:http';
import type { CallResult } from '../domain/call-result.ts';
import type { CallNews } from '../domain/switchboard.ts';

/** An account of the simulated Twilio. */
export type Account = { readonly accountSid: string; readonly authToken: string };

/** Body of `POST /calls`, as far as the command uses it. */
export type LineOrder = {
  readonly script: string;
  readonly webhook?: string;
  readonly mediaBase?: string;
  /** µ-law at 8 kHz in base64. */
  readonly recordings?: readonly string[];
  readonly faults?: string;
  readonly seed?: number;
};

/** Whether a simulated line answers there. */
export async function isLineRunning(lineUrl: string): Promise<boolean> {
  try {
    const response = await fetch(`${lineUrl}/scripts`, { signal: AbortSignal.timeout(2000) });
    // Whatever else has this port may answer everything with a page.
    return response.ok && Array.isArray(((await response.json()) as { scripts?: unknown }).scripts);
  } catch {
    return false;
  }
}

/** Whether the line signs for this account with this token. */
export async function hasAccount(lineUrl: string, account: Account): Promise<boolean> {
  const url = `${lineUrl}/2010-04-01/Accounts/${account.accountSid}/Calls/CA${'0'.repeat(32)}.json`;
  const { status } = await fetch(url, { headers: { authorization: authorize(account) } });
  return status === 404;
}

/** Places a call and tells what happens until it is over. @throws Error of one line when the line refuses it or goes away. */
export async function followCall(
  lineUrl: string,
  order: LineOrder,
  onNews: (news: CallNews) => void,
  onPlaced: (callSid: string) => void = () => undefined,
): Promise<CallResult> {
  const placed = await fetch(`${lineUrl}/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
  });
  const answer = (await placed.json()) as { callSid?: string; error?: { message: string } };
  if (answer.callSid === undefined) throw new Error(answer.error?.message ?? `the line answered ${placed.status}`);
  onPlaced(answer.callSid);
  for await (const line of readLines(`${lineUrl}/calls/${answer.callSid}/events`)) {
    const news = JSON.parse(line) as CallNews;
    onNews(news);
    if (news.type === 'result') return news.result;
  }
  throw new Error(GONE);
}

const GONE = 'the simulated line went away during the call';

/** Hangs up as the caller does. */
export async function hangUp(lineUrl: string, callSid: string): Promise<void> {
  await fetch(`${lineUrl}/calls/${callSid}`, { method: 'DELETE' });
}

function authorize({ accountSid, authToken }: Account): string {
  return `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
}

async function* readLines(url: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const text of (await open(url)).setEncoding('utf8')) {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (cause) {
    throw new Error(GONE, { cause });
  }
}

// Not by fetch, which gives up what is quiet for five minutes: on a slow line, or with a silent caller, a call is.
function open(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, resolve).on('error', reject);
  });
}
