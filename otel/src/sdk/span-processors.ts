import type { Context } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { callRefOf } from '../call/call-context.ts';
import { Attr } from '../conventions/index.ts';

/** Client addresses and user agents say who called, not what was slow: they are dropped from every span. */
export const DROPPED_KEYS: readonly string[] = [
  'client.address',
  'client.port',
  'network.peer.address',
  'network.peer.port',
  'net.peer.ip',
  'http.client_ip',
  'user_agent.original',
];

const nothing = async () => undefined;

/** Stamps call id and turn index on every span started inside a call, whoever starts it. */
export function createCallStamp(): SpanProcessor {
  return {
    onStart(span: Span, parentContext: Context) {
      const ref = callRefOf(parentContext);
      if (!ref) return;
      span.setAttribute(Attr.conversationId, ref.callSid);
      if (ref.turnIndex !== undefined) span.setAttribute(Attr.turnIndex, ref.turnIndex);
    },
    onEnd() {},
    forceFlush: nothing,
    shutdown: nothing,
  };
}

/** Removes attributes that identify a person's device. Runs before the exporting processors. */
export function createScrubber(): SpanProcessor {
  return {
    onStart() {},
    onEnd(span: ReadableSpan) {
      for (const key of DROPPED_KEYS) delete span.attributes[key];
    },
    forceFlush: nothing,
    shutdown: nothing,
  };
}
