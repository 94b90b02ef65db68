import { type Attributes, context, trace } from '@opentelemetry/api';
import { isTracingSuppressed, suppressTracing } from '@opentelemetry/core';
import type { KitTools } from '../call/call.ts';
import { callRefOf } from '../call/call-context.ts';
import { checkOptions, type OptionRule, wrongOption } from '../check-options.ts';
import { Attr, SCOPE_NAME } from '../conventions/index.ts';
import { createPriceList } from '../cost/price-list.ts';
import { createInstruments } from '../instruments.ts';
import { emitRecord } from '../logs/kit-log.ts';
import { createProblems } from '../logs/problems.ts';
import { openMeasuresQuietly } from '../measures/open-measures.ts';
import { isTelemetryDisabled } from '../sdk/config.ts';
import type { ModelAttempt } from './attempts.ts';
import { HttpDuration } from './http-duration.ts';
import { type ModelCall, modelCallOf } from './model-call.ts';
import { mayAskModel, readModelRequest } from './model-request.ts';
import type { ModelKit } from './model-span.ts';
import { createOwnRequests, type OwnRequest } from './own-request.ts';
import { createFailureReader } from './request-failure.ts';
import { type BodyWatcher, tellsUsage, watchBody } from './response-facts.ts';
import { watchSafely } from './watch-safely.ts';
import { watchResponse } from './watched-response.ts';

/** The shape of `fetch`, as the openai package takes it in its `fetch` option. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** How a traced fetch is made; every option has a default that works. */
export type TracedFetchOptions = {
  /** Model requests outside of every call are written with its tracer, meter and prices; default: those of the SDK. */
  readonly callspan?: { readonly tools: ModelKit & Partial<Pick<KitTools, 'isOff'>> };
  /** `gen_ai.provider.name` of hosts that are not known by their name. Default `openai`. */
  readonly provider?: string;
};

const OPTIONS: Readonly<Record<keyof TracedFetchOptions, OptionRule>> = {
  callspan: {
    isRight: (value) => typeof (value as { tools?: unknown } | null)?.tools === 'object',
    expected: 'what createCallspan returns',
  },
  provider: {
    isRight: (value) => typeof value === 'string' && value !== '',
    expected: 'the name of a provider, such as "openai"',
  },
};

/**
 * A fetch for `new OpenAI({ fetch })`. In a model call (`runModel`, `streamModel`) it writes on that span; elsewhere
 * requests to chat completions, responses, transcriptions and speech get a CLIENT span of their own, in the call of the
 * active context or in none. Everything else is plain fetch. Bytes, errors, abort signals and back-pressure pass through
 * untouched. HTTP spans and trace headers are suppressed: a model provider is a stranger.
 * @throws TypeError when an option is wrong, naming it, its value and the expected form
 */
export function createTracedFetch(fetchImplementation: Fetch = fetch, options: TracedFetchOptions = {}): Fetch {
  if (typeof fetchImplementation !== 'function') {
    throw wrongOption(
      'fetchImplementation',
      fetchImplementation,
      'a function like fetch; options are the second argument',
    );
  }
  checkOptions('createTracedFetch', options, OPTIONS);
  if (options.callspan?.tools.isOff ?? isTelemetryDisabled()) return fetchImplementation;
  const watchRequest = createRequestWatch(options);
  const tracedFetch: Fetch = async (input, init) => {
    const active = context.active();
    // A traced fetch inside another one: the request would be measured, and paid for, twice.
    const watch = isTracingSuppressed(active) ? undefined : watchSafely(() => watchRequest(input, init));
    try {
      const quiet = suppressTracing(active);
      const where = watch ? watch.duration.within(quiet) : quiet;
      const response = await context.with(where, fetchImplementation, undefined, input, init);
      watchSafely(() => watch?.answered(response));
      return response;
    } catch (error) {
      watchSafely(() => watch?.failed(error));
      throw error;
    }
  };
  tracedFetches.add(tracedFetch);
  return tracedFetch;
}

const tracedFetches = new WeakSet<Fetch>();

/** A fetch that `createTracedFetch` made. */
export function isTracedFetch(fetchImplementation: Fetch): boolean {
  return tracedFetches.has(fetchImplementation);
}

type RequestWatch = {
  readonly duration: HttpDuration;
  answered(response: Response): void;
  failed(error: unknown): void;
};

function createRequestWatch({ callspan, provider = 'openai' }: TracedFetchOptions) {
  let startOwn: ReturnType<typeof createOwnRequests> | undefined;
  let kit: ModelKit | undefined = callspan?.tools;
  return (input: Parameters<Fetch>[0], init?: RequestInit): RequestWatch | undefined => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (!mayAskModel(url)) return undefined;
    const active = context.active();
    const from = input instanceof Request ? input : undefined;
    const headers = readHeaders(init?.headers ?? from?.headers);
    const failureOf = createFailureReader(headers, init?.signal ?? from?.signal);
    const readRequest = () => readModelRequest(url, init?.body, provider);
    const measureHttp = ({ instruments }: ModelKit) =>
      new HttpDuration(instruments, url, init?.method ?? from?.method ?? 'GET');
    const wrapped = modelCallOf(active);
    if (wrapped) {
      wrapped.complete(() => {
        const { stage: _, provider: name, model, attributes } = readRequest() ?? {};
        return { ...attributes, [Attr.providerName]: name, [Attr.requestModel]: model };
      });
      kit ??= createDefaultKit();
      return watchAttempt({ call: wrapped, own: undefined, failureOf, duration: measureHttp(kit) });
    }
    const request = readRequest();
    if (!request) return undefined;
    kit ??= createDefaultKit();
    startOwn ??= createOwnRequests(kit);
    const count = Number.parseInt(headers.get('x-stainless-retry-count') ?? '', 10);
    const own = startOwn({
      request,
      key: { url: url.href, body: init?.body, callSid: callRefOf(active)?.callSid },
      retryCount: Number.isNaN(count) ? undefined : count,
      parent: active,
    });
    return watchAttempt({ call: own.call, own, failureOf, duration: measureHttp(kit) });
  };
}

/** Other iterables are empty once they have been read: the request itself would go out without its headers. */
function readHeaders(headers: RequestInit['headers']): Headers {
  if (headers instanceof Headers) return headers;
  return new Headers(isPairs(headers) || isPlain(headers) ? headers : undefined);
}

function isPairs(headers: unknown): boolean {
  return Array.isArray(headers) && headers.every(Array.isArray);
}

function isPlain(headers: unknown): boolean {
  return typeof headers === 'object' && headers !== null && !(Symbol.iterator in headers);
}

function createDefaultKit(): ModelKit {
  const tracer = trace.getTracer(SCOPE_NAME);
  const measures = openMeasuresQuietly(createProblems(emitRecord));
  return { tracer, instruments: createInstruments(), prices: createPriceList(), carrier: false, measures };
}

/** `own` is the request when its span is ours to end. */
type Watching = {
  readonly call: ModelCall;
  readonly own: OwnRequest | undefined;
  readonly failureOf: (error: unknown, hasAnswer?: boolean) => unknown;
  readonly duration: HttpDuration;
};

function watchAttempt(watching: Watching): RequestWatch {
  const { call, own, failureOf, duration } = watching;
  const attempt = call.startAttempt();
  return {
    duration,
    answered(response) {
      duration.answered(response.status);
      attempt.answered(response.status);
      call.setAttributes(headerAttributes(response));
      if (response.ok) watchAnswer(response, watching, attempt);
      else {
        duration.over();
        if (own) watchRefusal(response, own);
      }
    },
    failed(error) {
      duration.failed(error);
      const failure = failureOf(error);
      attempt.failed(failure);
      own?.unanswered(failure);
    },
  };
}

function watchAnswer(response: Response, watching: Watching, attempt: ModelAttempt): void {
  const { call, own, failureOf, duration } = watching;
  let isComplete = false;
  let failure: string | undefined;
  const contentType = response.headers.get('content-type') ?? '';
  const isOver = tellsUsage(contentType) ? call.awaitUsage() : () => undefined;
  const watcher: BodyWatcher = watchBody(contentType, {
    firstContent: () => call.recordFirstChunk(),
    facts: (facts) => attempt.recordFacts(facts),
    complete: () => {
      isComplete = true;
    },
    failed: (message) => {
      failure = message;
    },
  });
  watchResponse(response, {
    chunk: (bytes) => watcher.chunk(bytes),
    read() {
      watchSafely(() => watcher.end());
      isOver();
      duration.over();
      own?.read(failure);
    },
    cancelled() {
      isOver();
      duration.over();
      if (isComplete || failure) own?.read(failure);
      else own?.cancelled();
    },
    failed(error) {
      isOver();
      duration.failed(error);
      own?.failed(failureOf(error, true));
    },
  });
}

/** In a wrapped model call an error status is the wrapper's to judge. */
function watchRefusal(response: Response, own: OwnRequest): void {
  const { status, headers } = response;
  const hasBody = response.body !== null;
  const refusal = { status, headers };
  watchResponse(response, {
    chunk() {},
    read: () => own.refused(refusal, hasBody),
    cancelled: () => own.refused(refusal, false),
    failed: () => own.refused(refusal, true),
  });
}

const RATE_LIMITS = [
  ['x-ratelimit-limit-requests', Attr.rateLimitLimitRequests],
  ['x-ratelimit-remaining-requests', Attr.rateLimitRemainingRequests],
  ['x-ratelimit-limit-tokens', Attr.rateLimitLimitTokens],
  ['x-ratelimit-remaining-tokens', Attr.rateLimitRemainingTokens],
] as const;

function headerAttributes({ headers }: Response): Attributes {
  const requestId = headers.get('x-request-id');
  const attributes: Attributes = requestId ? { [Attr.providerRequestId]: requestId } : {};
  for (const [name, key] of RATE_LIMITS) {
    const value = headers.get(name);
    if (value !== null && /^\d+$/.test(value)) attributes[key] = Number(value);
  }
  return attributes;
}
