import { styleText } from 'node:util';
import { Attr, LogEvent } from '../conventions/index.ts';
import type { LineLevel } from './log-levels.ts';
import type { LogLine } from './log-line.ts';
import { showText } from './plain-text.ts';

type Style = Parameters<typeof styleText>[0];

const LEVEL_STYLE: Readonly<Record<LineLevel, Style>> = { debug: 'blue', info: 'green', warn: 'yellow', error: 'red' };
const BADGE_STYLES: readonly Style[] = ['cyan', 'magenta', 'blueBright', 'greenBright', 'yellowBright', 'cyanBright'];

/** One sign a kind of event, so that a call can be read down the left side. */
const SIGNS: Readonly<Record<string, string>> = {
  [LogEvent.serviceStarted]: '^',
  [LogEvent.serviceStopping]: 'v',
  [LogEvent.serviceHeartbeat]: '.',
  [LogEvent.httpRequest]: '-',
  [LogEvent.callStarted]: '>',
  [LogEvent.callFinished]: '<',
  [LogEvent.callFailed]: 'x',
  [LogEvent.callRejected]: '|',
  [LogEvent.callPerformance]: '=',
  [LogEvent.transcriptionStarted]: '"',
  [LogEvent.transcriptionReceived]: '"',
  [LogEvent.replyStarted]: ':',
  [LogEvent.replyFinished]: ':',
  [LogEvent.extractionStarted]: '#',
  [LogEvent.extractionFinished]: '#',
  [LogEvent.saveStarted]: '+',
  [LogEvent.saveSaved]: '+',
  [LogEvent.saveFailed]: '/',
  [LogEvent.saveDead]: '/',
  [LogEvent.thresholdBreached]: '!',
  [LogEvent.stageStuck]: '~',
  [LogEvent.mediaProblem]: '?',
  [LogEvent.dependencyDown]: '*',
  [LogEvent.dependencyUp]: '*',
  [LogEvent.exception]: 'X',
  [LogEvent.registerNotice]: '@',
};

/** What a person reads in a terminal in place of the long name. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  [Attr.callSid]: 'call',
  [Attr.turnIndex]: 'turn',
  [Attr.stage]: 'stage',
  [Attr.errorType]: 'error.type',
};
/** In the terminal the call id stands once; trace and stream are in the files and the records. */
const NOT_SHOWN = new Set<string>([Attr.conversationId, Attr.streamSid]);
/** What the message of an event tells already. */
const TOLD: Readonly<Record<string, (key: string, value: unknown) => boolean>> = {
  [LogEvent.httpRequest]: (key) => key === 'method' || key === 'route' || key === 'status',
  [LogEvent.callPerformance]: (_, value) => Array.isArray(value),
  [LogEvent.thresholdBreached]: (key) => key === Attr.thresholdLevel || key === Attr.thresholdValueMs,
  [LogEvent.stageStuck]: (key) => key === Attr.thresholdLevel || key === Attr.thresholdValueMs,
};
const MAX_SHOWN_VALUE = 160;
const MAX_SHOWN_LINE = 2000;

/** How lines look in the terminal of one process. */
export type TerminalLook = { readonly colour: boolean; readonly service: string };

/** `04:40:44 [BOT] info [Bootstrap] message field=value`: one line, with nothing in it that acts on the terminal. */
export function formatForTerminal(line: LogLine, { colour, service }: TerminalLook): string {
  const paint = (style: Style, text: string) => (colour ? styleText(style, text, { validateStream: false }) : text);
  const words = [
    paint('dim', clockOf(line.timeMs)),
    paint(badgeStyle(service), `[${showText(service.toUpperCase())}]`),
    paint(LEVEL_STYLE[line.level], line.level),
  ];
  if (line.context) words.push(paint('dim', `[${showText(line.context)}]`));
  const sign = signOf(line.event);
  if (sign) words.push(paint(LEVEL_STYLE[line.level], sign));
  words.push(cut(showText(line.message), MAX_SHOWN_LINE));
  const fields = showFields(notTold(line));
  if (fields) words.push(paint('dim', cut(fields, MAX_SHOWN_LINE)));
  return `${words.join(' ')}\n`;
}

/** The sign of an event's kind; undefined for a line that tells no event of the contract. */
export function signOf(event: string | undefined): string | undefined {
  return event !== undefined && Object.hasOwn(SIGNS, event) ? SIGNS[event] : undefined;
}

function clockOf(timeMs: number): string {
  const date = new Date(timeMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

function badgeStyle(service: string): Style {
  let hash = 0;
  for (const letter of service) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
  return BADGE_STYLES[hash % BADGE_STYLES.length] ?? 'cyan';
}

function notTold(line: LogLine): Record<string, unknown> {
  const isTold = line.event !== undefined && Object.hasOwn(TOLD, line.event) ? TOLD[line.event] : undefined;
  const fields = Object.entries(line.fields).filter(([key, value]) => !isTold?.(key, value));
  return { ...Object.fromEntries(fields), ...errorFields(line), ...line.call };
}

/** The whole stack is in error.log and in the record: a line of a terminal tells what it was and where. */
function errorFields({ error }: LogLine): Record<string, unknown> {
  if (!error) return {};
  const { type, code, message, stack } = error;
  const at = stack?.split('\n', 1)[0]?.trim().replace(/^at /, '');
  return { error: type, ...(code && { code }), ...(message && { why: message }), ...(at && { at }) };
}

function showFields(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .filter(([key]) => !NOT_SHOWN.has(key))
    .map(([key, value]) => `${showText(SHORT_NAMES[key] ?? key)}=${showValue(value)}`)
    .join(' ');
}

function showValue(value: unknown): string {
  if (typeof value === 'number') return String(Math.round(value * 1000) / 1000);
  const text = typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : (JSON.stringify(value) ?? '');
  return cut(showText(text), MAX_SHOWN_VALUE);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}...` : text;
}
