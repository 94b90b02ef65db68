import type { ApiError, CallDetail, CallPage, SpanView } from '../../../api/types.ts';
import { parseTempoTrace, type TempoTrace } from '../model/tempo.ts';

/** Why data could not be had: the viewer did not answer, knows no such call, reported an error, answered unreadably, or gave data that cannot be shown. */
export type FailureCode = 'unreachable' | 'not_found' | 'server' | 'bad_answer' | 'display';

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
  const body = (await response.json().catch(() => null)) as Partial<ApiError> | null;
  const message = body?.error?.message ?? `HTTP ${response.status}`;
  return new ApiFailure(response.status === 404 ? 'not_found' : 'server', message);
}
