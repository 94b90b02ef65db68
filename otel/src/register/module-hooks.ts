import { createRequire } from 'node:module';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { SCOPE_NAME } from '../conventions/index.ts';
import type { Guard } from './guard.ts';

// CommonJS for the same reason as in start.ts.
const load = createRequire(import.meta.url);

/** A package that is changed when the app loads it. `file`: of the package, instead of its main one. */
export type ModuleHook = {
  readonly name: string;
  readonly versions: readonly string[];
  readonly file?: string;
  patch(moduleExports: unknown): void;
};

/** An instrumentation that runs each hook when its package is loaded, by `require` or by `import`, once per copy. */
export function createModuleHooks(hooks: readonly ModuleHook[], guard: Guard): Instrumentation {
  const { InstrumentationBase, InstrumentationNodeModuleDefinition, InstrumentationNodeModuleFile } = load(
    '@opentelemetry/instrumentation',
  ) as typeof import('@opentelemetry/instrumentation');
  const definitions = hooks.map(({ name, versions, file, patch }) => {
    const patchOnce = (moduleExports: unknown) => {
      guard(() => patch(moduleExports));
      return moduleExports;
    };
    if (!file) return new InstrumentationNodeModuleDefinition(name, [...versions], patchOnce);
    const files = [new InstrumentationNodeModuleFile(file, [...versions], patchOnce, () => {})];
    return new InstrumentationNodeModuleDefinition(name, [...versions], undefined, undefined, files);
  });
  class ModuleHooks extends InstrumentationBase {
    constructor() {
      super(`${SCOPE_NAME}/register`, '0', {});
    }

    protected override init() {
      return definitions;
    }
  }
  return new ModuleHooks();
}
