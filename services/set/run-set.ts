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
  restart(name: ServiceName): Promise<void>;
  stop(): Promise<void>;
};

/** Starts all services of the plan and waits until they serve. @throws Error that names the service or the port in the way */
export async function runSet(plan: SetPlan): Promise<RunningSet> {
  await refuseTakenPorts(plan);
  const running = new Map<ServiceName, ServiceProcess>();
  const failure = Promise.withResolvers<string>();
  const start = (name: ServiceName) => {
    const service = startServiceProcess(name, plan);
    running.set(name, service);
    void service.ended.then(({ expected, how, lastLines }) => {
      if (!expected) failure.resolve([`${name} ended (${how}); its last lines:`, ...lastLines].join('\n  '));
    });
    return service.ready;
  };
  const stop = async () => {
    for (const { names, graceMs } of STOP_ORDER) {
      await Promise.all(names.map((name) => running.get(name)?.stop(graceMs)));
    }
  };
  try {
    await Promise.all(plan.services.map(start));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    failure: failure.promise,
    async restart(name) {
      await running.get(name)?.stop(2000);
      await start(name);
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
