/** What a user may import: the name below `callspan`, and the source that it is built from. */
export type Entry = {
  /** Key of `exports`: `.`, `./sdk`. */
  readonly name: string;
  /** Below `otel/src`, without extension; built to the same place below `lib`. */
  readonly source: string;
};

export const ENTRIES: readonly Entry[] = [
  { name: '.', source: 'index' },
  { name: './conventions', source: 'conventions/index' },
  { name: './sdk', source: 'sdk/index' },
  { name: './testing', source: 'testing/index' },
];

/** Threads of their own: each is built to one file, with all that it imports from the kit. */
export const WORKERS: readonly { readonly source: string; readonly target: string }[] = [
  { source: 'spool/worker/spool-worker', target: 'spool/spool-worker' },
];

/** Files for `node --require callspan/NAME`: CommonJS as they are, of which only the paths change. */
export const PRELOADS: readonly string[] = ['hooks', 'preload', 'register'];

/**
 * Packages that are built into `lib/vendor` and are no dependencies of what is published: they ask for the
 * `@opentelemetry/instrumentation` before ours, so that each would bring a second copy of it into other people's
 * projects, where no `overrides` of ours count.
 */
export const VENDORED: readonly string[] = [
  '@opentelemetry/instrumentation-express',
  '@opentelemetry/instrumentation-pg',
  '@opentelemetry/instrumentation-undici',
];

/** Where a vendored package is built to, below `lib`. */
export function vendorPathOf(name: string): string {
  return `vendor/${name.slice(name.indexOf('/') + 1)}`;
}
