// `--import`: where the bot asks for the kit it gets bench/kit/no-kit.ts, and nothing for what that does not have.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const own = new URL('./no-kit.ts', import.meta.url).href;
const index = readFileSync(new URL('../../otel/src/index.ts', import.meta.url), 'utf8');
const lists = [...index.matchAll(/^export \{([^}]*)\}/gm)].map((match) => match[1] ?? '');
const names = lists
  .join(',')
  .split(',')
  .map((name) => name.trim())
  .filter((name) => /^\w+$/.test(name));
const source = [
  `import * as own from '${own}';`,
  'const { nothing } = own;',
  ...names.map((name) => `export const ${name} = own['${name}'] ?? nothing;`),
].join('\n');

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'callspan' ? { url: 'bench:no-kit', shortCircuit: true } : next(specifier, context),
  load: (url, context, next) =>
    url === 'bench:no-kit' ? { format: 'module', source, shortCircuit: true } : next(url, context),
});
