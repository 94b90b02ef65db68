import {
  type Context,
  ROOT_CONTEXT,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import { withCallRef } from '../call/call-context.ts';

/** Where the span of a webhook goes: below a span of its call, or (without one) at the root of a new trace. */
export type WebhookParent = { readonly callSid: string; readonly parent: Context | undefined };

/**
 * Places the SERVER spans of webhooks by their call and never by a `traceparent` that a stranger sent; every other
 * request goes the usual way.
 */
export class WebhookPropagator implements TextMapPropagator {
  readonly #usual: TextMapPropagator;
  readonly #places = new WeakMap<object, WebhookParent>();

  constructor(usual: TextMapPropagator) {
    this.#usual = usual;
  }

  /** @param headers the request's own headers object */
  place(headers: object, parent: WebhookParent): void {
    this.#places.set(headers, parent);
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    this.#usual.inject(context, carrier, setter);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const place = typeof carrier === 'object' && carrier !== null ? this.#places.get(carrier) : undefined;
    if (!place) {
      // Nobody but Twilio sends this header, and Twilio sends no traceparent.
      const isSigned = getter.get(carrier, 'x-twilio-signature') !== undefined;
      return isSigned ? context : this.#usual.extract(context, carrier, getter);
    }
    const span = trace.getSpanContext(place.parent ?? ROOT_CONTEXT);
    const below = span ? trace.setSpanContext(context, span) : context;
    return withCallRef(below, { callSid: place.callSid });
  }

  fields(): string[] {
    return this.#usual.fields();
  }
}
