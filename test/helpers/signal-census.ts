import { startJsonSink } from './json-sink.ts';

type Attributes = readonly { readonly key: string; readonly value: unknown }[];
type Scoped<Key extends string, Item> = Readonly<Record<Key, readonly Item[]>>;
type Span = {
  readonly name: string;
  readonly attributes?: Attributes;
  readonly events?: readonly { readonly name: string; readonly attributes?: Attributes }[];
  readonly links?: readonly { readonly attributes?: Attributes }[];
};
type Resource = { readonly resource: { readonly attributes: Attributes } };
type Body = {
  readonly resourceSpans?: readonly (Resource & Scoped<'scopeSpans', Scoped<'spans', Span>>)[];
  readonly resourceLogs?: readonly (Resource &
    Scoped<'scopeLogs', Scoped<'logRecords', { readonly eventName?: string; readonly attributes?: Attributes }>>)[];
};

/** Every name that came by OTLP/JSON, told apart by what it names. */
export type SignalNames = {
  readonly span: Set<string>;
  readonly event: Set<string>;
  readonly log: Set<string>;
  /** Keys on spans, their events and links, on log records and resources. */
  readonly attribute: Set<string>;
};

/** A receiver of OTLP/JSON that keeps names and forgets the rest. */
export type SignalCensus = { readonly url: string; readonly names: SignalNames; close(): void };

export async function startSignalCensus(): Promise<SignalCensus> {
  const names: SignalNames = { span: new Set(), event: new Set(), log: new Set(), attribute: new Set() };
  const { url, close } = await startJsonSink((body) => count(body as Body, names));
  return { url, names, close };
}

function count({ resourceSpans = [], resourceLogs = [] }: Body, names: SignalNames): void {
  const addKeys = (attributes: Attributes = []) => {
    for (const { key } of attributes) names.attribute.add(key);
  };
  for (const { resource } of [...resourceSpans, ...resourceLogs]) addKeys(resource.attributes);
  for (const span of resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))) {
    names.span.add(span.name);
    addKeys(span.attributes);
    for (const { attributes } of span.links ?? []) addKeys(attributes);
    for (const { name, attributes } of span.events ?? []) {
      names.event.add(name);
      addKeys(attributes);
    }
  }
  for (const log of resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords))) {
    if (log.eventName) names.log.add(log.eventName);
    addKeys(log.attributes);
  }
}
