import { createRequire } from 'node:module';
import { INVALID_SPAN_CONTEXT, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import type { CallSpan, Logger } from '../../otel/src/index.ts';

/** What the bot is without the kit: every door of the package that it uses, with nothing behind. */
export { hashCaller } from '../../otel/src/caller-hash.ts';
export { errorTypeOf } from '../../otel/src/error-type.ts';
export { parseCaptureLevel } from '../../otel/src/sdk/config.ts';
export { readSecretFiles } from '../../otel/src/secret-files.ts';

const span: Span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
/** Takes every call and has every property; both are itself. */
export const nothing: unknown = new Proxy(() => undefined, {
  get: (_target, key) => (key === 'then' || typeof key === 'symbol' ? undefined : nothing),
  apply: () => nothing,
});
const over = (own: object): unknown =>
  new Proxy(own, {
    get: (target, key) => (key in target ? Reflect.get(target, key) : Reflect.get(Object(nothing), key)),
  });

const callSpan = over({ span, context: ROOT_CONTEXT }) as CallSpan;
const calls = new Map<string, unknown>();

export function createCallspan(): unknown {
  return over({
    get openCalls() {
      return calls.size;
    },
    findCall: (callSid: string) => calls.get(callSid),
    contextFor: () => ROOT_CONTEXT,
    model: (_stage: object, work: (span: CallSpan) => unknown) => work(callSpan),
    modelStream: (_stage: object, produce: (span: CallSpan) => unknown) => produce(callSpan),
    startStage: () => over({ run: (work: () => unknown) => work() }),
    startCall: ({ callSid }: { callSid: string }) => {
      const call = over({
        callSid,
        traceId: INVALID_SPAN_CONTEXT.traceId,
        context: ROOT_CONTEXT,
        clock: { now: () => performance.now() },
        contextOf: () => ROOT_CONTEXT,
        startSpan: () => callSpan,
        startTurn: () => over({ context: ROOT_CONTEXT }),
        bind: (work: unknown) => work,
        end: () => calls.delete(callSid),
      });
      calls.set(callSid, call);
      return call;
    },
  });
}

export function createLogger({ context }: { readonly context?: string }): Logger {
  const { pino } = createRequire(import.meta.url)('pino') as typeof import('pino');
  const logger = pino({ base: { context } });
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: object = {}) =>
      logger[level](fields, message);
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

export function createWebhookTracing(): unknown {
  return over({
    contextOf: () => ROOT_CONTEXT,
    arrived: (_request: object, _response: object, next: () => void) => next(),
    place: (_request: object, _response: object, { next }: { next: (span: Span) => unknown }) => next(span),
  });
}

export const createTracedFetch = (own: typeof fetch): typeof fetch => own;
export const mountMetrics = async (): Promise<void> => undefined;
export const shutdownTelemetry = async (): Promise<void> => undefined;
export const traceparentOf = (): string => '';
