import { type Callspan, traceparentOf, type WebhookTracing } from 'callspan';
import { Attr, SpanEvent } from 'callspan/conventions';
import type { StreamTokens } from './adapters/twilio/stream-token.ts';
import { connectTwiml, hangupTwiml } from './adapters/twilio/twiml.ts';
import type { WebhookHandlers } from './adapters/twilio/webhook-app.ts';

/** Late callbacks still find their call's trace for so long, and so many calls. */
const REMEMBERED_CALLS = 2000;

export type WebhooksOptions = {
  readonly callspan: Callspan;
  readonly tracing: WebhookTracing;
  readonly tokens: StreamTokens;
  /** Origin under which Twilio reaches the bot. */
  readonly publicBaseUrl: string;
  readonly mediaPath: string;
  readonly draining: () => boolean;
  readonly hasEnded: (callSid: string) => boolean;
};

/** What is remembered of a call's first webhook. */
type KnownCall = { readonly twiml: string; readonly traceparent: string };

/** The bot's answers to Twilio's webhooks, each with its span in the trace of its call. */
export function createWebhooks(options: WebhooksOptions): WebhookHandlers {
  const { tracing } = options;
  const known = new Map<string, KnownCall>();
  const remember = (callSid: string, call: KnownCall) => {
    known.set(callSid, call);
    const oldest = known.keys().next().value;
    if (known.size > REMEMBERED_CALLS && oldest !== undefined) known.delete(oldest);
  };
  const inCall = (callSid: string) => ({
    callSid,
    place: 'call' as const,
    traceparent: known.get(callSid)?.traceparent ?? null,
  });
  return {
    draining: options.draining,
    voice(form, request, response) {
      const before = known.get(form.CallSid);
      const next = (span: Parameters<typeof tokenTraceparent>[0]) => {
        span.setAttributes({ [Attr.callSid]: form.CallSid, [Attr.accountSid]: form.AccountSid });
        // Twilio repeats a webhook that it thinks was lost: the same call gets the same answer, and one trace.
        if (options.hasEnded(form.CallSid)) return hangupTwiml();
        if (before) return before.twiml;
        const traceparent = tokenTraceparent(span);
        const twiml = answer(options, {
          callSid: form.CallSid,
          accountSid: form.AccountSid,
          from: form.From,
          traceparent,
        });
        remember(form.CallSid, { twiml, traceparent });
        return twiml;
      };
      const place = before ? inCall(form.CallSid) : { callSid: form.CallSid, place: 'root' as const };
      return tracing.place(request, response, { ...place, next });
    },
    status(form, request, response) {
      const attributes = { [Attr.callSid]: form.CallSid, [Attr.callStatus]: form.CallStatus };
      tracing.place(request, response, { ...inCall(form.CallSid), attributes, next: () => undefined });
    },
    streamStatus(form, request, response) {
      const attributes = {
        [Attr.callSid]: form.CallSid,
        [Attr.streamSid]: form.StreamSid,
        [Attr.streamEvent]: form.StreamEvent,
      };
      const next = (span: Parameters<typeof tokenTraceparent>[0]) => {
        if (form.StreamError) span.addEvent(SpanEvent.streamError, { [Attr.twilioErrorCode]: form.StreamError });
      };
      tracing.place(request, response, { ...inCall(form.CallSid), attributes, next });
    },
  };
}

type Caller = {
  readonly callSid: string;
  readonly accountSid: string;
  readonly from: string;
  readonly traceparent: string;
};

function answer({ tokens, publicBaseUrl, mediaPath }: WebhooksOptions, caller: Caller): string {
  const base = publicBaseUrl.replace(/\/$/, '');
  const token = tokens.issue(caller);
  return connectTwiml({ url: base.replace(/^http/, 'ws') + mediaPath, token, statusCallback: `${base}/stream-status` });
}

/** The traceparent to put into a token; '' when telemetry is off. */
function tokenTraceparent(span: NonNullable<Parameters<typeof traceparentOf>[0]>): string {
  return span.spanContext().traceId === '0'.repeat(32) ? '' : traceparentOf(span);
}
