import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import type { Callspan } from '../callspan.ts';
import { Attr } from '../conventions/index.ts';
import { routeOf } from '../route-of.ts';
import type { AppCalls } from './app-calls.ts';
import type { Guard } from './guard.ts';
import { mayBeTwilioForm, peekBody, readTwilioForm, readTwilioQuery, type TwilioRequest } from './twilio-request.ts';
import type { WebhookPlaces } from './webhook-places.ts';
import type { WebhookPropagator } from './webhook-propagator.ts';

// Imported as ES modules they would be patched twice by the instrumentation.
const load = createRequire(import.meta.url);

/** A form follows its headers in the same packet; one that does not come is the app's to wait for. */
const FORM_WAIT_MS = 2000;

/** What watching webhooks needs. */
export type WebhookWatch = {
  readonly guard: Guard;
  readonly callspan: Pick<Callspan, 'findCall'>;
  readonly places: WebhookPlaces;
  readonly propagator: WebhookPropagator;
  readonly appCalls: AppCalls;
  /** A webhook of a call came, the first one or a later one. */
  readonly onWebhook: (callSid: string) => void;
};

type Emit = (this: unknown, event: string | symbol, ...values: unknown[]) => boolean;

/** Requests that are about a call, while they run. */
const calls = new WeakMap<object, TwilioRequest>();

/**
 * Lets every server of `node:http` and `node:https` see which call a webhook is about before the app sees the request: the
 * first webhook of a call is the root of its trace, later ones (status callbacks, what `<Gather>` answers) join it.
 * Attached after the HTTP instrumentation, so that it runs before it.
 */
export function watchWebhooks(watch: WebhookWatch): void {
  const { Server } = load('node:http') as typeof import('node:http');
  const { Server: SecureServer } = load('node:https') as typeof import('node:https');
  for (const { prototype } of [Server, SecureServer]) {
    const emit = prototype.emit as Emit;
    prototype.emit = function (this: unknown, event: string | symbol, ...values: unknown[]) {
      const emitNow = () => Reflect.apply(emit, this, [event, ...values]);
      if (event !== 'request' || watch.appCalls.areTraced) return emitNow();
      const [request, response] = values as [IncomingMessage, ServerResponse];
      const isHeld = watch.guard(() => holdForForm(watch, { request, response, emitNow }));
      return isHeld === true ? true : emitNow();
    } as typeof prototype.emit;
  }
}

type Arrived = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly emitNow: () => boolean;
};

/** True when the request reaches the app later: its form is on the way. */
function holdForForm(watch: WebhookWatch, { request, response, emitNow }: Arrived): boolean {
  const known = readTwilioQuery(request);
  if (known) placeWebhook(watch, { request, response }, known);
  if (!mayBeTwilioForm(request)) return false;
  const active = context.active();
  peekBody(request, FORM_WAIT_MS, (body) => {
    watch.guard(() => {
      const form = body === undefined ? undefined : readTwilioForm(body);
      if (form) placeWebhook(watch, { request, response }, form);
    });
    context.with(active, emitNow);
  });
  return true;
}

function placeWebhook(
  { callspan, places, propagator, onWebhook }: WebhookWatch,
  { request, response }: Omit<Arrived, 'emitNow'>,
  known: TwilioRequest,
): void {
  const { callSid, isCallback } = known;
  calls.set(request, known);
  const earlier = places.find(callSid);
  const parent = callspan.findCall(callSid)?.context;
  const root = earlier ? trace.setSpanContext(ROOT_CONTEXT, earlier.span) : undefined;
  propagator.place(request.headers, { callSid, parent: parent ?? root });
  response.once('finish', () => places.answered(callSid, !isCallback && hasVerbs(response)));
  if (!isCallback) onWebhook(callSid);
}

/** True for an answer of a type that Twilio reads as TwiML: XML, or HTML, which frameworks send when they are told of none. */
function hasVerbs(response: ServerResponse): boolean {
  // Headers that were given to `writeHead` alone are in the text that was sent, and nowhere else.
  const { _header: sent = '' } = response as { _header?: string | null };
  const type = response.getHeader('content-type') ?? /^content-type:(.*)$/im.exec(sent ?? '')?.[1];
  return /xml|html/i.test(String(type));
}

/**
 * For the HTTP instrumentation: names the span of a webhook by its path without ids (frameworks without an
 * instrumentation tell no route) and remembers the first one of each call.
 */
export function createWebhookRequestHook(places: WebhookPlaces): (span: Span, request: object) => void {
  return (span, request) => {
    const known = calls.get(request);
    if (!known) return;
    const { method, url = '/' } = request as IncomingMessage;
    const route = routeOf(url);
    span.updateName(`${method} ${route}`);
    span.setAttribute(Attr.httpRoute, route);
    if (!places.find(known.callSid)) places.remember(known.callSid, { span: span.spanContext() });
  };
}
