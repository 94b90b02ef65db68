/** The signals of OTLP; each has a lane of its own, so that one that is refused never holds up the others. */
export const SIGNALS = ['traces', 'logs', 'metrics'] as const;
/** One of them. */
export type Signal = (typeof SIGNALS)[number];

/** One export of the SDK, serialised. */
export type Batch = {
  /** Spans, log records or, for metrics, 1. */
  readonly items: number;
  /** OTLP as protobuf, else as JSON. */
  readonly protobuf: boolean;
  /** The traces that have a span in it; 32 hexadecimal digits each. Empty but for traces. */
  readonly traceIds: readonly string[];
  readonly body: Uint8Array;
};

/** Where one signal goes, as the standard variables say. */
export type Destination = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly gzip: boolean;
  /** PEM files of `OTEL_EXPORTER_OTLP_CERTIFICATE` and its siblings. */
  readonly tls: { readonly ca?: Uint8Array; readonly cert?: Uint8Array; readonly key?: Uint8Array };
};
/** All three. */
export type Destinations = Readonly<Record<Signal, Destination>>;

/** What the thread is started with. */
export type SpoolSettings = {
  /** The folder of the service's spool; every process has a member folder in it. */
  readonly root: string;
  /** Name of this process's folder. */
  readonly member: string;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly counters: SharedArrayBuffer;
  /** A thread of the same process ended before: what it stored has been counted already. */
  readonly isResumed: boolean;
  readonly userAgent: string;
};

/** What the thread is told. */
export type ToWorker =
  | { readonly type: 'batch'; readonly signal: Signal; readonly batch: Batch }
  | { readonly type: 'destinations'; readonly destinations: Destinations }
  /** Tries to deliver everything; answered when that is done, has failed or the deadline is over. */
  | { readonly type: 'drain'; readonly id: number; readonly signal: Signal; readonly deadlineMs: number };

/** What it says. */
export type FromWorker =
  | { readonly type: 'drained'; readonly id: number }
  /** Something that a person should read; at most once a minute for each kind. */
  | { readonly type: 'problem'; readonly kind: string; readonly text: string }
  /** The folder can not be used at all. */
  | { readonly type: 'unusable'; readonly text: string };
