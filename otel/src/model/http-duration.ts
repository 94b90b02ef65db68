import { type Attributes, type Context, context as contextApi, createContextKey } from '@opentelemetry/api';
import { Attr } from '../conventions/index.ts';
import { StandardMetric } from '../conventions/standard-metrics.ts';
import type { Instruments } from '../instruments.ts';

const KEY = createContextKey('callspan model request');

/**
 * A request to a model as `http.client.request.duration` counts it. Its span is the model call's: of the instrumentation
 * of fetch it needs no second one, which would cost more than all that is measured of it.
 */
export class HttpDuration {
  /** The instrumentation has seen the request, and left it to us; what it does not see, another one counts. */
  isOurs = false;
  readonly #instruments: Instruments;
  readonly #labels: Attributes;
  readonly #startedAtMs = performance.now();
  #isRecorded = false;

  /** @param method as it was given, in whatever case */
  constructor(instruments: Instruments, url: URL, method: string) {
    this.#instruments = instruments;
    this.#labels = { [Attr.httpMethod]: method.toUpperCase(), [Attr.serverAddress]: url.hostname };
  }

  /** `context` in which the request is sent. */
  within(context: Context): Context {
    return context.setValue(KEY, this);
  }

  /** Headers came. */
  answered(status: number): void {
    this.#labels[Attr.httpStatusCode] = status;
    if (status >= 400) this.#labels[Attr.errorType] = String(status);
  }

  /** The answer was read, or is not wanted any more; records once. */
  over(): void {
    if (this.#isRecorded || !this.isOurs) return;
    this.#isRecorded = true;
    const seconds = (performance.now() - this.#startedAtMs) / 1000;
    this.#instruments.record(StandardMetric.httpClientDuration, seconds, this.#labels);
  }

  /** There was no answer, or not all of it; being given up is no error. */
  failed(error: unknown): void {
    // What fetch throws says why by its cause.
    const { code, name } = factsOf((error as { readonly cause?: unknown } | null)?.cause ?? error);
    if (name !== 'AbortError') this.#labels[Attr.errorType] = String(code ?? name ?? 'Error');
    this.over();
  }
}

function factsOf(error: unknown): { readonly code?: unknown; readonly name?: unknown } {
  return typeof error === 'object' && error !== null ? error : {};
}

/** For the instrumentation of fetch: true when the request that is being made is counted here. */
export function isCountedHere(): boolean {
  const duration = contextApi.active().getValue(KEY) as HttpDuration | undefined;
  if (duration) duration.isOurs = true;
  return duration !== undefined;
}
