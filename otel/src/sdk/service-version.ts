import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * The version of the application that `script` (default: what Node was started with) belongs to: that of the nearest
 * `package.json` above it that has one, as those of a folder of modules have none. Undefined when there is none.
 */
export function readServiceVersion(script: string | undefined = process.argv[1]): string | undefined {
  if (!script) return undefined;
  let folder = dirname(resolve(script));
  for (;;) {
    const version = versionIn(join(folder, 'package.json'));
    if (version !== undefined) return version;
    const above = dirname(folder);
    if (above === folder) return undefined;
    folder = above;
  }
}

function versionIn(manifest: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: unknown };
    return typeof version === 'string' && version !== '' ? version : undefined;
  } catch {
    return undefined;
  }
}
