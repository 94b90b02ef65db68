import { PORTS, PORTS_OF, type PortName, type SetPlan } from './environment.ts';
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
  const doors = plan.services.flatMap((service) =>
    PORTS_OF[service].map((door) => ({ service, door, port: portOf(plan, door) })),
  );
  const twice = doors.find(({ port }, index) => doors.findIndex((other) => other.port === port) < index);
  if (twice) {
    throw new Error(
      `${PORTS[twice.door].variable}=${twice.port} is the port of another service of the set too: give each its own`,
    );
  }
  const taken: string[] = [];
  const variables: string[] = [];
  for (const { service, door, port } of doors) {
    if (!(await isTaken(port))) continue;
    const holder = findHolder(port);
    taken.push(`${port} (${service})${holder ? ` by ${holder}` : ''}`);
    variables.push(PORTS[door].variable);
  }
  if (taken.length === 0) return;
  const [ports, free] = taken.length === 1 ? ['port', 'a free port'] : ['ports', 'free ports'];
  throw new Error(`in use: ${ports} ${taken.join(', ')}; stop that, or set ${variables.join(', ')} to ${free}`);
}

function portOf(plan: SetPlan, door: PortName): number {
  return Number(new URL(plan.address(door)).port || 80);
}
