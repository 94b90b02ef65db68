import { watch } from 'node:fs';
import type { ServiceName } from './options.ts';

const SETTLE_MS = 200;
/** Folders whose change concerns a service, beside its own. */
const SHARED: Readonly<Record<ServiceName, readonly string[]>> = {
  viewer: ['otel/src/conventions'],
  records: ['otel'],
  openai: ['services/line'],
  bot: ['otel', 'services/line'],
  caller: ['services/line'],
};

/** Calls `restart` for each service whose sources changed, once a burst of changes is over. */
export function watchServices(services: readonly ServiceName[], restart: (name: ServiceName) => void): () => void {
  const timers = new Map<ServiceName, NodeJS.Timeout>();
  const changed = (name: ServiceName, file: string | null) => {
    if (!file || file.includes('dist') || !/\.(ts|tsx|cjs|css|html|yaml|json|sql)$/.test(file)) return;
    clearTimeout(timers.get(name));
    timers.set(
      name,
      setTimeout(() => restart(name), SETTLE_MS),
    );
  };
  const watchers = services.flatMap((name) =>
    [`services/${name}`, ...SHARED[name]].map((folder) =>
      watch(folder, { recursive: true }, (_event, file) => changed(name, file)),
    ),
  );
  return () => {
    for (const watcher of watchers) watcher.close();
    for (const timer of timers.values()) clearTimeout(timer);
  };
}
