import type { CallResult } from '../domain/call-result.ts';
import type { CallNews } from '../domain/switchboard.ts';
import { adviseOn } from './advice.ts';

const seconds = (durationMs: number) => `${(durationMs / 1000).toFixed(2)} s`;

/** One line of a terminal for what happened; undefined for what is not worth one. */
export function describeNews(news: CallNews): string | undefined {
  switch (news.type) {
    case 'ringing':
      return `${news.from} calls ${news.to} (${news.callSid})`;
    case 'caller':
      return `caller: ${news.text}`;
    case 'bot':
      return `bot:    ${news.text || '(sound without words)'}${news.waitMs === null ? '' : `   [after ${seconds(news.waitMs)}]`}`;
    case 'dtmf':
      return `caller: (key ${news.digit})`;
    case 'warning':
      return `line:   ${news.code > 0 ? `${news.code} ` : ''}${news.message}`;
    case 'ended':
      return describeEnd(news.end);
    default:
      return undefined;
  }
}

/** With which token the requests to a bot are signed, and what that means for it. */
export function describeSigning(tokenFrom: string | null): string {
  if (tokenFrom !== null) return `signed with the token of ${tokenFrom}`;
  return 'signed with a made-up token: a bot that checks signatures refuses it (--auth-token, TWILIO_AUTH_TOKEN)';
}

/** What is known after the call, for people. */
export function describeResult(result: CallResult): string[] {
  const waits = result.turns.map((turn) => turn.trueWaitMs).filter((wait) => wait !== null);
  return [
    `${seconds(result.durationMs)}, ${result.turns.length} turns${waits.length > 0 ? `, longest wait ${seconds(Math.max(...waits))}` : ''}`,
    `outcome ${result.outcome ?? 'unknown'}, trace ${result.traceId ?? 'not found'}`,
    `record  ${result.record === null ? 'none' : JSON.stringify(result.record)}`,
    ...result.faults.map((fault) => `fault   ${describeReport(fault)}, seed ${result.seed}`),
  ];
}

/** Why the call failed, in one line; undefined when it did not, or when it was asked to. */
export function describeFailure(
  result: CallResult,
  problems: readonly string[],
  tokenFrom: string | null,
): string | undefined {
  const { errorCode: code } = result.end;
  const wasAskedFor = code === BROKEN_STREAM && wasBroken(result);
  if (code === undefined || wasAskedFor) return undefined;
  const message = problems.at(-1) ?? 'see the bot';
  const advice = adviseOn({ code, message, tokenFrom });
  return `the call failed with Twilio's error ${code}: ${message}${advice === undefined ? '' : `; ${advice}`}`;
}

const BROKEN_STREAM = 31903;

function wasBroken({ faults }: CallResult): boolean {
  return faults.some(({ name, count }) => name === 'abnormal-close' && count > 0);
}

function describeReport({ name, ...figures }: CallResult['faults'][number]): string {
  return `${name}: ${Object.entries(figures)
    .map(([figure, value]) => `${figure} ${value ?? 'none'}`)
    .join(', ')}`;
}

function describeEnd(end: CallResult['end']): string {
  const code = end.errorCode === undefined ? '' : ` (error ${end.errorCode})`;
  if (end.isTransferred) return `the ${end.by} ended the call after it was passed on${code}`;
  return end.by === 'twilio' ? `the line ended the call${code}` : `the ${end.by} ended the call${code}`;
}
