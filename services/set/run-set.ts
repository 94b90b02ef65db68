import { PORTS, PORTS_OF, type SetPlan } from './environment.ts';
import type { ServiceName } from './options.ts';
import { findHolder, isTaken } from './ports.ts';
import { type ServiceProcess, startServiceProcess } from './service-process.ts';

/** Together below the 5 s that a person waits after Ctrl-C. The viewer is last: it takes what the others still send. */
const STOP_ORDER: readonly { readonly names: readonly ServiceName[]; readonly graceMs: number }[] = [
  { names: ['caller', 'bot'], graceMs: 2800 },
  { names: ['records', 'openai'], graceMs: 800 },
  { names: ['viewer'], graceMs: 1000 },
];

/** The running set. */
export type RunningSet = {
  /** Resolves, with its last words, when a service ends that nobody told to. */
  readonly failure: Promise<string>;
  /** Rejects when it does not come up; `onCrash` when it ends later. Neither ends the set. */
  restart(name: ServiceName, onCrash: (lastWords: string) => void): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts all services of the plan and waits until they serve, or until `stopped` resolves: then all of them are stopped
 * again and the result is undefined. @throws Error that names the service or the port in the way
 */
export async function runSet(plan: SetPlan, stopped: Promise<unknown>): Promise<RunningSet | undefined> {
  await refuseTakenPorts(plan);
  const running = new Map<ServiceName, ServiceProcess>();
  const restarts = new Map<ServiceName, Promise<void>>();
  const failure = Promise.withResolvers<string>();
  const start = (name: ServiceName, crashed: (lastWords: string) => void) => {
    const service = startServiceProcess(name, plan);
    running.set(name, service);
    void service.ended.then(({ expected, how, lastLines }) => {
      if (!expected) crashed([`${name} ended (${how}); its last lines:`, ...lastLines].join('\n  '));
    });
    return service.ready;
  };
  const stop = async () => {
    for (const { names, graceMs } of STOP_ORDER) {
      await Promise.all(names.map((name) => running.get(name)?.stop(graceMs)));
    }
  };
  try {
    const ready = Promise.all(plan.services.map((name) => start(name, failure.resolve))).then(() => 'ready' as const);
    const first = await Promise.race([ready, stopped]);
    if (first !== 'ready') {
      ready.catch(() => undefined);
      await stop();
      return undefined;
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    failure: failure.promise,
    restart(name, onCrash) {
      // One after the other: two quick changes must not start a service twice.
      const next = (restarts.get(name) ?? Promise.resolve()).then(async () => {
        await running.get(name)?.stop(2000);
        await start(name, onCrash);
      });
      restarts.set(
        name,
        next.catch(() => undefined),
      );
      return next;
    },
    stop,
  };
}

async function refuseTakenPorts(plan: SetPlan): Promise<void> {
  for (const name of plan.services) {
    for (const portName of PORTS_OF[name]) {
      const port = Number(new URL(plan.address(portName)).port || 80);
      if (!(await isTaken(port))) continue;
      const holder = findHolder(port);
      const { variable } = PORTS[portName];
      throw new Error(
        `port ${port} (${name}) is in use${holder ? ` by ${holder}` : ''}: stop that, or set ${variable} to a free port`,
      );
    }
  }
}
