import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { findNearest } from '../../../thresholds/nearest.ts';
import type { Finding } from '../finding.ts';
import { type Components, KINDS, type Kind } from './image-components.ts';

type CollectorFile = Partial<Record<Kind, Readonly<Record<string, unknown>> | null>> & {
  readonly service?: {
    readonly extensions?: readonly string[];
    readonly pipelines?: Readonly<Record<string, Pipeline | null>>;
  };
};
type Pipeline = Partial<Record<'receivers' | 'processors' | 'exporters', readonly string[] | null>>;
type Named = { readonly file: string; readonly config: CollectorFile };

/**
 * Whether an image holds every component that the Collector's files name, and whether every name of a pipeline is one that a
 * file makes.
 * @param base otel-collector.yaml; overlays are looked at each with it, not with each other
 * @param image its name, for the text
 */
export function checkComponents(
  { folder, base, overlays }: { readonly folder: string; readonly base: string; readonly overlays: readonly string[] },
  image: string,
  components: Components,
): readonly Finding[] {
  const under = readNamed(folder, base);
  if ('level' in under) return [under];
  const read = [under, ...overlays.map((file) => readNamed(folder, file))];
  return read.map((named) => {
    if ('level' in named) return named;
    const [wrong] = [...listLacking(named, image, components), ...listUnmade(named, under)];
    const { file } = named;
    return (
      wrong ?? { id: 'stack.component', level: 'ok', what: `${image} holds what it names`, where: file, wayOut: '' }
    );
  });
}

/** A file of the Collector, or what is wrong with it. */
function readNamed(folder: string, file: string): Named | Finding {
  try {
    return { file, config: (parse(readFileSync(join(folder, file), 'utf8')) ?? {}) as CollectorFile };
  } catch (error) {
    const [why = ''] = String((error as Error).message).split('\n', 1);
    const wayOut = 'correct it, or get the file back (git status)';
    return { id: 'stack.component', level: 'error', what: `cannot be read: ${why}`, where: file, wayOut };
  }
}

function listLacking({ file, config }: Named, image: string, components: Components): readonly Finding[] {
  return KINDS.flatMap((kind) =>
    Object.keys(config[kind] ?? {}).flatMap((name): readonly Finding[] => {
      const type = typeOf(name);
      if (components[kind].has(type)) return [];
      const near = findNearest(type, [...components[kind]]);
      const what = `${kind}: ${name} is not in ${image}`;
      const wayOut = near
        ? `${near} is: if it is meant, write it; else leave the overlay out, or take an image that holds it`
        : 'leave the overlay out, or take an image that holds it';
      return [{ id: 'stack.component', level: 'error', what, where: file, wayOut }];
    }),
  );
}

function listUnmade({ file, config }: Named, under: Named): readonly Finding[] {
  const made = (kinds: readonly Kind[]) =>
    new Set(kinds.flatMap((kind) => [config, under.config].flatMap((one) => Object.keys(one[kind] ?? {}))));
  const places = {
    receivers: made(['receivers', 'connectors']),
    processors: made(['processors']),
    exporters: made(['exporters', 'connectors']),
  };
  const refuse = (what: string): Finding => ({
    id: 'stack.component',
    level: 'error',
    what,
    where: file,
    wayOut: 'write its settings into the file, or correct the name',
  });
  const ofPipelines = Object.entries(config.service?.pipelines ?? {}).flatMap(([pipeline, parts]) =>
    (['receivers', 'processors', 'exporters'] as const).flatMap((place) =>
      (parts?.[place] ?? [])
        .filter((name) => !places[place].has(name))
        .map((name) => refuse(`${pipeline} names ${name} under ${place}, which no file makes`)),
    ),
  );
  const extensions = made(['extensions']);
  const ofService = (config.service?.extensions ?? [])
    .filter((name) => !extensions.has(name))
    .map((name) => refuse(`the service names the extension ${name}, which no file makes`));
  return [...ofPipelines, ...ofService];
}

function typeOf(name: string): string {
  return name.split('/')[0] ?? name;
}
