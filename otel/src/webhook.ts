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
import { Attr, StandardMetric } from './conventions/index.ts';

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
  const arrivals = new WeakMap<IncomingMessage, number>();
  const contexts = new WeakMap<ServerResponse, Context>();
  return {
    arrived(request, _response, next) {
      arrivals.set(request, Date.now());
      next();
    },
    place(request, response, { next, ...how }) {
      const route = (request.url ?? '/').split('?', 1)[0] ?? '/';
      const parent = parentOf(callspan, how);
      const arrivedAtMs = arrivals.get(request) ?? Date.now();
      const span = callspan.tracer.startSpan(
        `${request.method} ${route}`,
        {
          kind: SpanKind.SERVER,
          startTime: arrivedAtMs,
          attributes: {
            ...how.attributes,
            [Attr.httpMethod]: request.method ?? '',
            [Attr.httpRoute]: route,
            [Attr.urlPath]: route,
          },
        },
        parent,
      );
      response.once('close', () => {
        span.setAttribute(Attr.httpStatusCode, response.statusCode);
        if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
        // The HTTP instrumentation leaves this listener alone, its figures too.
        callspan.tools.instruments.record(StandardMetric.httpServerDuration, (Date.now() - arrivedAtMs) / 1000, {
          [Attr.httpMethod]: request.method ?? '',
          [Attr.httpRoute]: route,
          [Attr.httpStatusCode]: response.statusCode,
          ...(response.statusCode >= 500 ? { [Attr.errorType]: String(response.statusCode) } : {}),
        });
      });
      const inSpan = trace.setSpan(parent, span);
      contexts.set(response, inSpan);
      return contextApi.with(inSpan, () => next(span));
    },
    contextOf: (response) => contexts.get(response) ?? ROOT_CONTEXT,
  };
}

function parentOf(callspan: Callspan, { callSid, place, traceparent }: WebhookPlace): Context {
  const inCall = withCallRef(ROOT_CONTEXT, { callSid });
  if (place === 'root') return inCall;
  return callspan.findCall(callSid)?.context ?? withTraceparent(inCall, traceparent);
}
