import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expandVariables, readComposeFiles } from '../../scripts/doctor/stack/compose-files.ts';
import { findFreePorts } from './free-ports.ts';
import { giveToImageUser, IMAGE_USER } from './image-tree.ts';

type Service = {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string | number>>;
  readonly healthcheck: { readonly test: readonly string[] };
};

/** Doors of the services, as docker-compose.yml and the services' defaults have them, and the variables that move them. */
const DOORS = [
  { name: 'viewer', port: 4300, variable: 'VIEWER_PORT' },
  { name: 'viewer', port: 4318, variable: 'VIEWER_OTLP_PORT' },
  { name: 'records', port: 3001, variable: 'RECORDS_PORT' },
  { name: 'openai', port: 3002, variable: 'STANDIN_PORT' },
  { name: 'caller', port: 3003, variable: 'TWILIO_SIM_PORT' },
  { name: 'bot', port: 3000, variable: 'BOT_PORT' },
  { name: 'bot', port: 9464, variable: 'BOT_METRICS_PORT' },
] as const;
const READY_WITHIN_MS = 60_000;
const POLL_MS = 200;

/** Services as containers run them: command, environment, secrets and health check of docker-compose.yml, entry point and user of the Dockerfile. */
export type ContainedServices = {
  address(name: string, port: number): string;
  secret(name: string): string;
  /** Resolves when the health check says that it is well. @throws Error with what it wrote */
  start(name: string): Promise<void>;
  /** Sends the signal of `docker stop`; resolves with the code with which it ended. */
  stop(name: string): Promise<number | null>;
};

/**
 * @param tree of the image (`makeImageTree`)
 * @param folder for data and secrets: what a container mounts
 * @param more variables for all of them
 */
export async function containServices(
  tree: string,
  folder: string,
  more: Readonly<Record<string, string>>,
): Promise<ContainedServices> {
  const services = readComposeFiles(['docker-compose.yml']).services as unknown as Readonly<Record<string, Service>>;
  const ports = await findFreePorts(DOORS.length);
  const portOf = (name: string, port: number) =>
    ports[DOORS.findIndex((door) => door.name === name && door.port === port)] ?? port;
  const secrets = join(folder, 'secrets');
  cpSync('collector/compose/development-secrets', secrets, { recursive: true });
  // The image's Node is anybody's to run; this one may lie where its user cannot go.
  const node = join(folder, 'node');
  copyFileSync(process.execPath, node);
  const toHere = (text: string) =>
    expandVariables(text, {})
      .replace('//collector:4318', '//viewer:4318')
      .replace(/\/\/(viewer|records|openai|bot):(\d+)/, (_, name, port) => `//127.0.0.1:${portOf(name, Number(port))}`)
      .replace('/run/secrets', secrets);
  const environmentOf = (name: string) => ({
    ...readImageEnvironment(),
    CALLSPAN_DATA_DIR: join(folder, name),
    ...Object.fromEntries(DOORS.map(({ variable }, index) => [variable, String(ports[index])])),
    ...mapValues(services[name]?.environment ?? {}, toHere),
    ...more,
  });
  const running = new Map<string, ChildProcess>();
  return {
    address: (name, port) => `http://127.0.0.1:${portOf(name, port)}`,
    secret: (name) => readFileSync(join(secrets, name), 'utf8'),
    async start(name) {
      giveToImageUser(join(folder, name));
      const { command = [], healthcheck } = services[name] ?? {};
      const [, , ...check] = healthcheck?.test ?? [];
      const options = { cwd: tree, env: environmentOf(name), ...IMAGE_USER };
      const child = spawn(node, [...readEntryPoint(), ...command], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
      running.set(name, child);
      const output = keepOutput(child);
      // The last word is where it is asked: a port and a path.
      const asked = check.map((word) => word.replace(/^(\d+)(?=\/)/, (port) => String(portOf(name, Number(port)))));
      for (const deadline = Date.now() + READY_WITHIN_MS; ; await delay(POLL_MS)) {
        if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${name} is not well:\n${output()}`);
        const [code] = await once(spawn(node, asked, { ...options, stdio: 'ignore' }), 'close');
        if (code === 0) return;
      }
    },
    async stop(name) {
      const child = running.get(name);
      if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
      child.kill('SIGTERM');
      const [code] = (await once(child, 'close')) as [number | null];
      return code;
    },
  };
}

function readEntryPoint(): readonly string[] {
  const [, json = '[]'] = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync('Dockerfile', 'utf8')) ?? [];
  return (JSON.parse(json) as string[]).slice(1);
}

function readImageEnvironment(): Readonly<Record<string, string>> {
  const [, text = ''] = /^ENV (.*)$/m.exec(readFileSync('Dockerfile', 'utf8')) ?? [];
  return Object.fromEntries(text.split(' ').map((pair) => pair.split('=') as [string, string]));
}

function mapValues(values: Readonly<Record<string, string | number>>, change: (text: string) => string) {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(String(value))]));
}

function keepOutput(child: ChildProcess): () => string {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  return () => said;
}
