import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Context,
  context as contextApi,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { withCallRef, withTraceparent } from './call/call-context.ts';
import type { Callspan } from './callspan.ts';
import { Attr, ErrorType, StandardMetric } from './conventions/index.ts';
import { routeOf } from './route-of.ts';

/** How a verified webhook is placed: a new root, or a child of its call. */
export type WebhookPlace = {
  readonly callSid: string;
  /** `root` starts the call's trace; `call` joins the call that is going on, or the traceparent, or else starts a root. */
  readonly place: 'root' | 'call';
  readonly traceparent?: string | null;
  readonly attributes?: Readonly<Record<string, string | number>>;
};

/**
 * SERVER spans for Twilio's webhooks on a public listener. A `traceparent` header is never trusted: a stranger must
 * not choose our trace id. A request that is refused before `place` was called gets no span: strangers can not fill
 * the store.
 */
export type WebhookTracing = {
  /** First middleware: remembers when the request arrived. */
  arrived(request: IncomingMessage, response: ServerResponse, next: () => void): void;
  /** After signature and form were checked: starts the span, back-dated to the arrival, and runs `next` inside it. */
  place<T>(
    request: IncomingMessage,
    response: ServerResponse,
    how: WebhookPlace & { readonly next: (span: Span) => T },
  ): T;
  /** The context of a request that was placed, also when its answer has been sent: for the line that tells of it. */
  contextOf(response: ServerResponse): Context;
};

/** Makes the two steps; use `ownWebhookSpans(server)` so that the HTTP instrumentation does not make a second span. */
export function createWebhookTracing(callspan: Callspan): WebhookTracing {
  const arrivals = new WeakMap<IncomingMessage, Arrival>();
  const contexts = new WeakMap<ServerResponse, Context>();
  return {
    arrived(request, _response, next) {
      arrivals.set(request, arrivedNow());
      next();
    },
    place(request, response, { next, ...how }) {
      const path = pathOf(request);
      const route = routeOf(path);
      const parent = parentOf(callspan, how);
      const arrival = arrivals.get(request) ?? arrivedNow();
      const span = callspan.tracer.startSpan(
        `${request.method} ${route}`,
        {
          kind: SpanKind.SERVER,
          startTime: arrival.wallMs,
          attributes: {
            ...how.attributes,
            [Attr.httpMethod]: request.method ?? '',
            [Attr.httpRoute]: route,
            [Attr.urlPath]: path,
          },
        },
        parent,
      );
      const end = () => {
        const durationMs = performance.now() - arrival.monotonicMs;
        const answer = answerOf(response);
        span.setAttributes(answer);
        if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end(arrival.wallMs + durationMs);
        // The HTTP instrumentation leaves this listener alone, its figures too.
        callspan.tools.instruments.record(StandardMetric.httpServerDuration, durationMs / 1000, {
          [Attr.httpMethod]: request.method ?? '',
          [Attr.httpRoute]: route,
          ...answer,
        });
      };
      // Who hung up while the signature was checked is gone: nothing will close any more.
      if (response.closed) end();
      else response.once('close', end);
      const inSpan = trace.setSpan(parent, span);
      contexts.set(response, inSpan);
      return contextApi.with(inSpan, () => next(span));
    },
    contextOf: (response) => contexts.get(response) ?? ROOT_CONTEXT,
  };
}

/** When a request came: the wall clock places its span, the other one measures it. */
type Arrival = { readonly wallMs: number; readonly monotonicMs: number };

function arrivedNow(): Arrival {
  return { wallMs: Date.now(), monotonicMs: performance.now() };
}

/** The whole path: a router that is mounted cuts its own part off `url`. */
function pathOf(request: IncomingMessage & { readonly originalUrl?: string }): string {
  return (request.originalUrl ?? request.url ?? '/').split('?', 1)[0] ?? '/';
}

/** How the request was answered; of one that was not, that the client had gone. */
function answerOf(response: ServerResponse): Readonly<Record<string, string | number>> {
  if (!response.writableFinished) return { [Attr.errorType]: ErrorType.cancelled };
  const { statusCode } = response;
  return {
    [Attr.httpStatusCode]: statusCode,
    ...(statusCode >= 500 ? { [Attr.errorType]: String(statusCode) } : {}),
  };
}

function parentOf(callspan: Callspan, { callSid, place, traceparent }: WebhookPlace): Context {
  const inCall = withCallRef(ROOT_CONTEXT, { callSid });
  if (place === 'root') return inCall;
  return callspan.findCall(callSid)?.context ?? withTraceparent(inCall, traceparent);
}
