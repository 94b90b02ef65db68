import { randomUUID } from 'node:crypto';
import { type EngineAddresses, listStores, readEngineAddresses } from './addresses.ts';
import type { Finding } from './finding.ts';
import type { Setup } from './setup.ts';

/** Looks at one thing. What it throws becomes a finding of its own. */
export type Check = () => Promise<readonly Finding[]> | readonly Finding[];
/** Checks in the order in which they are told. */
export type Checks = readonly (readonly [name: string, check: Check])[];

/**
 * What the doctor is asked about, by its argument; none is this set-up. Loaded when it is asked for: in the image of the
 * services there are no thresholds, and the engines can be asked from there all the same.
 */
export const SUBJECTS: Readonly<Record<string, (setup: Setup) => Promise<Checks>>> = {
  '': listSetupChecks,
  stack: async (setup) => [...(await listFileChecks(setup)), ...(await listEngineChecks(setup, 'warning'))],
  engines: (setup) => listEngineChecks(setup, 'error'),
  alerts: listAlertChecks,
};

async function listSetupChecks(setup: Setup): Promise<Checks> {
  const [machine, configuration, thresholds, ports, secrets, reach, spool, telemetry] = await Promise.all([
    import('./checks/machine.ts'),
    import('./checks/configuration.ts'),
    import('./checks/thresholds.ts'),
    import('./checks/ports.ts'),
    import('./checks/secrets.ts'),
    import('./checks/reach.ts'),
    import('./checks/spool.ts'),
    import('./checks/telemetry.ts'),
  ]);
  return [
    ['machine', () => machine.checkMachine(setup)],
    ['configuration', () => configuration.checkConfiguration(setup)],
    ['thresholds', () => thresholds.checkThresholds(setup.env)],
    ['ports', () => ports.checkPorts(setup)],
    ['secrets', () => secrets.checkSecrets(setup)],
    ['reach', () => reach.checkReach(setup)],
    ['spool', () => spool.checkSpool(setup)],
    ['telemetry', () => telemetry.checkTelemetry(setup)],
  ];
}

async function listFileChecks({ given }: Setup): Promise<Checks> {
  const { checkStack } = await import('./stack/check-stack.ts');
  return [['stack', () => checkStack(process.cwd(), given)]];
}

async function listEngineChecks(setup: Setup, whenNone: 'error' | 'warning'): Promise<Checks> {
  const [{ checkEngines }, { checkChain }] = await Promise.all([
    import('./checks/engines.ts'),
    import('./checks/telemetry.ts'),
  ]);
  const engines: EngineAddresses = readEngineAddresses(setup.given);
  const stores = { ...listStores(setup), ...engines, isViewerAlone: false };
  let isRunning = false;
  const askEngines = async () => {
    const findings = await checkEngines(engines, whenNone);
    isRunning = findings.some(({ id, level }) => id === 'engines.collector' && level === 'ok');
    return findings;
  };
  return [
    ['engines', askEngines],
    ['telemetry', () => (isRunning ? checkChain(engines.collectorOtlp, stores) : [])],
  ];
}

async function listAlertChecks({ given }: Setup): Promise<Checks> {
  const { checkAlerts } = await import('./checks/alerts.ts');
  return [['alerts', () => checkAlerts(readEngineAddresses(given), randomUUID())]];
}
