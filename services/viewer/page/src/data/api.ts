import { Attr } from 'callspan/conventions';
import type { ApiError, CallDetail, CallPage, Receiver, SpanView } from '../../../api/types.ts';
import type { CallFilter } from '../model/call-filter.ts';
import { sortCalls } from '../model/call-list.ts';
import {
  type FoundCalls,
  hasWorst,
  joinCalls,
  listFoundTraces,
  type TempoSearch,
  toTraceql,
} from '../model/found-calls.ts';
import { parseTempoTrace, type TempoTrace } from '../model/tempo.ts';

/** Why data could not be had: the viewer did not answer, knows no such call, refused the question, reported an error, answered unreadably, or gave data that cannot be shown. */
export type FailureCode = 'unreachable' | 'not_found' | 'refused' | 'server' | 'bad_answer' | 'display';

/** A failed request. `message` is what the server said, for people. */
export class ApiFailure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ApiFailure';
    this.code = code;
  }
}

/** A page of calls, newest first. @param before cursor of an older page (epoch milliseconds) @throws ApiFailure */
export function listCalls(before: number | null, signal?: AbortSignal): Promise<CallPage> {
  const cursor = before === null ? '' : `&before=${before}`;
  return readJson<CallPage>(`/api/v1/calls?limit=50${cursor}`, signal);
}

/** The port on which the viewer receives OTLP over HTTP. @throws ApiFailure */
export async function findReceiverPort(signal?: AbortSignal): Promise<number> {
  const { port } = await readJson<Receiver>('/api/v1/receiver', signal);
  return port;
}

/** A call with its turns, open spans and logs. @throws ApiFailure */
export function findCall(callSid: string, signal?: AbortSignal): Promise<CallDetail> {
  return readJson<CallDetail>(`/api/v1/calls/${encodeURIComponent(callSid)}`, signal);
}

/** Address of a trace's JSON as Tempo gives it. */
export function traceUrl(traceId: string): string {
  return `/tempo/api/v2/traces/${encodeURIComponent(traceId)}`;
}

/** The finished spans of a trace; none when nothing of it is stored yet. @throws ApiFailure */
export async function findSpans(traceId: string, signal?: AbortSignal): Promise<readonly SpanView[]> {
  const answer = await readJson<TempoTrace>(traceUrl(traceId), signal);
  try {
    return parseTempoTrace(answer);
  } catch (cause) {
    throw new ApiFailure('bad_answer', String(cause), { cause });
  }
}

/** Traces that a search looks at, the newest; and spans of each. As many calls as one request gives. */
const MAX_TRACES = 100;
const MAX_SPANS = 100;

/** The calls that a filter lets through, among the newest {@link MAX_TRACES} matching traces. @throws ApiFailure `refused` for a query that the viewer does not answer */
export async function searchCalls(filter: CallFilter, nowMs: number, signal?: AbortSignal): Promise<FoundCalls> {
  const answer = await readJson<TempoSearch>(searchUrl(filter, nowMs), signal);
  const traces = listFoundTraces(answer, filter);
  const ids = traces.map(({ traceId }) => traceId).join(',');
  const page = ids === '' ? { calls: [] } : await readJson<CallPage>(`/api/v1/calls?traceId=${ids}`, signal);
  const joined = joinCalls(traces, page.calls);
  const bad = joined.calls.filter((call) => hasWorst(call, filter));
  // A window alone makes no call worse than another.
  const calls = filter.traceql === '' && filter.worstOverMs === null ? sortCalls(bad) : bad;
  return { ...joined, calls, filter, isCut: (answer.traces?.length ?? 0) >= MAX_TRACES };
}

function searchUrl(filter: CallFilter, nowMs: number): string {
  const { sinceMs, untilMs } = filter;
  const query = new URLSearchParams({
    q: `${toTraceql(filter)} | select(span.${Attr.conversationId})`,
    limit: String(MAX_TRACES),
    spss: String(MAX_SPANS),
  });
  if (sinceMs !== null || untilMs !== null) {
    // Whole seconds, outwards: what is not in the window is left out afterwards.
    query.set('start', String(Math.max(0, Math.floor((sinceMs ?? 0) / 1000))));
    query.set('end', String(Math.ceil((untilMs ?? nowMs) / 1000)));
  }
  return `/tempo/api/search?${query}`;
}

async function readJson<T>(url: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(url, { headers: { accept: 'application/json' }, ...(signal ? { signal } : {}) }).catch(
    (cause: unknown) => {
      throw new ApiFailure('unreachable', String(cause), { cause });
    },
  );
  if (!response.ok) throw await readFailure(response);
  return (await response.json().catch((cause: unknown) => {
    throw new ApiFailure('bad_answer', String(cause), { cause });
  })) as T;
}

async function readFailure(response: Response): Promise<ApiFailure> {
  const text = await response.text().catch(() => '');
  const isText = response.headers.get('content-type')?.startsWith('text/plain') === true;
  const message = (isText ? text.trim() : readMessage(text)) || `HTTP ${response.status}`;
  return new ApiFailure(FAILURES[response.status] ?? 'server', message);
}

const FAILURES: Readonly<Record<number, FailureCode>> = { 400: 'refused', 404: 'not_found', 501: 'refused' };

function readMessage(text: string): string {
  try {
    return (JSON.parse(text) as Partial<ApiError> | null)?.error?.message ?? '';
  } catch {
    return '';
  }
}
