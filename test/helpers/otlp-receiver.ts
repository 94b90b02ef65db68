import { startJsonSink } from './json-sink.ts';

type Value = {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly boolValue?: boolean;
  readonly doubleValue?: number;
};
type Attributes = readonly { readonly key: string; readonly value: Value }[];

/** A span as an OTLP/JSON exporter sent it. */
export type ReceivedSpan = {
  readonly path: string;
  readonly scope: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly endTimeUnixNano: string;
  readonly attributes: Readonly<Record<string, unknown>>;
};
export type ReceivedLog = {
  readonly eventName?: string;
  readonly traceId?: string;
  readonly scope: string;
  readonly body: string;
};

/** A receiver for OTLP/JSON, to see what a process really exports. */
export type OtlpReceiver = {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  readonly logs: ReceivedLog[];
  close(): void;
};

type Scoped = { readonly scope: { readonly name: string } };
type Body = {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly (Scoped & {
      readonly spans: readonly (Omit<ReceivedSpan, 'attributes'> & { attributes: Attributes })[];
    })[];
  }[];
  readonly resourceLogs?: readonly {
    readonly scopeLogs: readonly (Scoped & {
      readonly logRecords: readonly (Omit<ReceivedLog, 'body'> & { body: Value })[];
    })[];
  }[];
};

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const logs: ReceivedLog[] = [];
  const { url, close } = await startJsonSink((sent, path) => {
    const body = sent as Body;
    for (const { scopeSpans } of body.resourceSpans ?? []) {
      for (const scoped of scopeSpans) {
        for (const span of scoped.spans)
          spans.push({ ...span, path, scope: scoped.scope.name, attributes: flatten(span.attributes) });
      }
    }
    for (const { scopeLogs } of body.resourceLogs ?? []) {
      for (const scoped of scopeLogs) {
        for (const log of scoped.logRecords)
          logs.push({ ...log, scope: scoped.scope.name, body: log.body.stringValue ?? '' });
      }
    }
  });
  return { url, spans, logs, close };
}

function flatten(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
