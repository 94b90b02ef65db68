/** What somebody answered, or why nobody did. `skewMs`: how far their clock is before ours, known to half a second. */
export type Answer = {
  readonly status: number | undefined;
  readonly text: string;
  /** A word of Node's (`ECONNREFUSED`), or `no answer`. */
  readonly failure: string | undefined;
  readonly skewMs: number | undefined;
};

const ASK_WITHIN_MS = 5000;

/** Asks an address once; never throws. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const askedAtMs = Date.now();
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(ASK_WITHIN_MS) });
    const text = await response.text();
    const told = Date.parse(response.headers.get('date') ?? '');
    // The header names a whole second: its middle against the middle of the request.
    const skewMs = Number.isNaN(told) ? undefined : told + 500 - (askedAtMs + Date.now()) / 2;
    return { status: response.status, text, failure: undefined, skewMs };
  } catch (error) {
    return { status: undefined, text: '', failure: describeFailure(error), skewMs: undefined };
  }
}

/** An answer that says yes. */
export function isGood({ status }: Answer): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

/** `answers 503`, or `does not answer (ECONNREFUSED)`. */
export function describeAnswer({ status, failure }: Answer): string {
  return status === undefined ? `does not answer (${failure})` : `answers ${status}`;
}

function describeFailure(error: unknown): string {
  const { name, cause } = error as Error & { readonly cause?: { readonly code?: unknown } };
  if (name === 'TimeoutError') return `nothing within ${ASK_WITHIN_MS / 1000} s`;
  return typeof cause?.code === 'string' ? cause.code : (error as Error).message;
}
