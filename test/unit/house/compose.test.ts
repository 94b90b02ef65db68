import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { parse } from 'yaml';
import { listPublished } from '../../../scripts/doctor/stack/check-published-ports.ts';
import { readComposeFiles } from '../../../scripts/doctor/stack/compose-files.ts';
import { SECRET_RULES } from '../../../scripts/doctor/stack/secret-rules.ts';
import { LEAN_ENV, LEAN_FLAGS } from '../../../services/set/lean-memory.ts';

type Service = {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly init?: boolean;
  readonly privileged?: boolean;
  readonly restart?: string;
  readonly profiles?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly pids_limit?: number;
  readonly mem_limit?: string;
  readonly stop_grace_period?: string;
  readonly healthcheck?: object;
  readonly network_mode?: string;
  readonly networks?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly env_file?: readonly string[];
  readonly logging?: { readonly options: Readonly<Record<string, string>> };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>> | readonly string[];
};

const read = (...files: string[]) => {
  const compose = readComposeFiles(files);
  return { ...compose, services: compose.services as unknown as Readonly<Record<string, Service>> };
};
const development = read('docker-compose.yml');
const production = read('docker-compose.yml', 'docker-compose.prod.yml');
const both = Object.entries({ development, production }).flatMap(([stack, { services }]) =>
  Object.entries(services).map(([name, service]) => ({ stack, name, service })),
);
/** Runs once, then ends. */
const isOneShot = ({ restart }: Service) => restart === 'no';
/** A value of Compose where its variable is not set. */
const byDefault = (value: unknown) => String(value ?? '').replace(/^\$\{\w+:-(.*)\}$/, '$1');
/** What a service may do that others may not, and why. */
const CAPABILITIES: Readonly<Record<string, readonly string[]>> = {
  'volume-owner': ['CHOWN', 'FOWNER'],
  check: ['DAC_READ_SEARCH'],
  backup: ['DAC_READ_SEARCH'],
  restore: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'],
  page: ['NET_BIND_SERVICE'],
  proxy: ['NET_BIND_SERVICE'],
};
const ROOT = ['volume-owner', 'sampling', 'check', 'backup', 'backup-records', 'restore', 'restore-records'];

test.each(both)('$name of $stack is hardened', ({ name, service }) => {
  expect(service.read_only).toBe(true);
  expect(service.init).toBe(true);
  expect(service.privileged).toBeUndefined();
  expect(service.cap_drop).toEqual(['ALL']);
  expect([...(service.cap_add ?? [])].sort()).toEqual(CAPABILITIES[name] ?? []);
  expect(service.security_opt).toEqual(['no-new-privileges:true']);
  expect(service.pids_limit).toBeGreaterThan(0);
  expect(byDefault(service.mem_limit)).toMatch(/^\d+[mg]$/);
  expect(service.logging?.options).toMatchObject({ 'max-size': '10m', 'max-file': '3' });
  expect(service.restart).toMatch(
    isOneShot(service) || service.profiles?.includes('restore') ? /^no$/ : /^unless-stopped$/,
  );
  expect(service.network_mode ?? 'none').toBe('none');
});

test.each(both)(
  '$name of $stack runs as no root, but for the few that read or give away what is others’',
  ({ name, service }) => {
    const [uid] = (service.user ?? '0').split(':');
    expect(uid === '0').toBe(ROOT.includes(name));
  },
);

test.each(both)('the image of $name of $stack is pinned to one version', ({ service }) => {
  expect(service.image).toMatch(
    /^(callspan:\$\{CALLSPAN_VERSION:-\d+\.\d+\.\d+\}|[\w./-]+:v?\d+\.\d+(\.\d+)?(-alpine)?)$/,
  );
  expect(service.image).not.toContain('latest');
});

test.each(both.filter(({ service }) => !isOneShot(service)))(
  '$name of $stack is asked whether it is well, or by engines-ready',
  ({ name, service }) => {
    const fromOutside = ['collector', 'tempo', 'loki'];
    const withoutADoor = ['backup', 'backup-records'];
    expect(service.healthcheck !== undefined).toBe(![...fromOutside, ...withoutADoor].includes(name));
  },
);

test('engines without a client in their image are asked from outside', () => {
  const { test: command = [] } = (development.services['engines-ready']?.healthcheck ?? {}) as {
    test?: readonly string[];
  };
  for (const door of ['collector:13133/ready', 'tempo:3200/ready', 'loki:3100/ready'])
    expect(command.join(' ')).toContain(door);
});

/** Shares of the limit that Go takes where other processes need the rest. */
const SHARES: Readonly<Record<string, number>> = { grafana: 0.5 };

test.each(both)('Go in $name of $stack collects garbage before its memory is used up', ({ name, service }) => {
  const { GOMEMLIMIT: limit } = service.environment ?? {};
  if (limit === undefined) return;
  const [, figure = '', unit] = /^(\d+)([mg])$/.exec(byDefault(service.mem_limit)) ?? [];
  const mebibytes = Number(figure) * (unit === 'g' ? 1024 : 1);
  expect(Number.parseInt(byDefault(limit), 10) / mebibytes).toBeCloseTo(SHARES[name] ?? 0.8, 1);
});

test('services that answer calls have longer to stop than they take', () => {
  for (const name of ['bot', 'records', 'viewer']) {
    expect(Number.parseInt(production.services[name]?.stop_grace_period ?? '0', 10)).toBeGreaterThan(5);
  }
});

test('in development every port is on loopback, and they are those of the design', () => {
  const published = listPublished(development).map(({ service, host, port }) => `${service} ${host}:${port}`);
  expect(published.sort()).toEqual([
    'alertmanager 127.0.0.1:9093',
    'bot 127.0.0.1:13000',
    'collector 127.0.0.1:14317',
    'collector 127.0.0.1:14318',
    'grafana 127.0.0.1:3300',
    'loki 127.0.0.1:3100',
    'page 127.0.0.1:14300',
    'prometheus 127.0.0.1:9090',
    'tempo 127.0.0.1:3200',
  ]);
});

test('in production the proxy alone is reached from outside, and lets in to the bot’s webhooks and Grafana only', () => {
  const published = listPublished(production).map(({ service, host, port }) => `${service} ${host}:${port}`);
  expect(published.sort()).toEqual(['page 127.0.0.1:14300', 'proxy 0.0.0.0:443', 'proxy 0.0.0.0:80']);
  const file = readFileSync('collector/compose/proxy.caddyfile', 'utf8');
  expect([...file.matchAll(/reverse_proxy (\S+)/g)].map(([, to]) => to)).toEqual(['bot:3000', 'grafana:3000']);
  expect(file).toContain('@twilio path /voice /status /stream-status /media\n');
});

test('in production each network that leads outside is one service’s alone; Loki and the stores are on none', () => {
  const isInternal = (name: string) => production.networks?.[name]?.internal === true;
  const outside: Record<string, string[]> = {};
  for (const [name, { networks = [] }] of Object.entries(production.services)) {
    for (const network of networks) if (!isInternal(network)) outside[network] = [...(outside[network] ?? []), name];
  }
  expect(outside).toEqual({
    alarms: ['alertmanager'],
    login: ['grafana'],
    loopback: ['page'],
    models: ['bot'],
    public: ['proxy'],
  });
});

test('in production nothing simulated is there, Grafana knows people by their provider alone, and records are in Postgres', () => {
  expect(Object.keys(production.services)).not.toEqual(expect.arrayContaining(['openai']));
  expect(Object.keys(production.services)).not.toEqual(expect.arrayContaining(['caller']));
  expect(production.services.grafana?.environment).toMatchObject({
    GF_AUTH_ANONYMOUS_ENABLED: 'false',
    GF_AUTH_BASIC_ENABLED: 'false',
    GF_AUTH_DISABLE_LOGIN_FORM: 'true',
    GF_AUTH_GENERIC_OAUTH_ENABLED: 'true',
    GF_SECURITY_COOKIE_SECURE: 'true',
  });
  expect(production.services.records?.environment?.DATABASE_URL).toMatch(/^postgres:/);
  expect(production.services.bot?.environment).toMatchObject({ CALLSPAN_CARRIER: 'twilio' });
  expect(JSON.stringify(production.services)).not.toContain('openai:3002');
});

test('Grafana is told the name that it enforces, in Compose and in Kubernetes: it would send everybody on for ever', () => {
  expect(production.services.grafana?.environment).toMatchObject({
    GF_SERVER_ENFORCE_DOMAIN: 'true',
    GF_SERVER_ROOT_URL: expect.stringMatching(/^https:\/\/\$\{CALLSPAN_GRAFANA_DOMAIN:\?/),
    GF_SERVER_DOMAIN: `\${CALLSPAN_GRAFANA_DOMAIN}`,
  });
  const settings = parseEnv(readFileSync('collector/kubernetes/production/grafana.env', 'utf8'));
  expect(settings.GF_SERVER_ROOT_URL).toBe(`https://${settings.GF_SERVER_DOMAIN}`);
});

test('in production nothing starts before the secrets were looked at', () => {
  const waits = Object.entries(production.services)
    .filter(([name]) => !['check', 'engines-ready', 'sampling'].includes(name))
    .filter(([, { depends_on: waitsFor = {} }]) => !('check' in waitsFor));
  expect(waits.map(([name]) => name)).toEqual([]);
});

test('every secret of production has a rule, and is a file of the folder of secrets', () => {
  expect(Object.keys(production.secrets ?? {}).sort()).toEqual(SECRET_RULES.map(({ name }) => name).sort());
  for (const [name, { file }] of Object.entries(production.secrets ?? {})) {
    expect(file).toBe(`\${CALLSPAN_SECRETS_DIR:-./secrets}/${name}`);
  }
});

test.each(both)(
  '$name of $stack is given the secrets that it reads, and no other, and none by a variable',
  ({ name, service }) => {
    const given = Object.entries(service.environment ?? {});
    const read = given.flatMap(([, value]) => /^\/run\/secrets\/(\w+)$/.exec(String(value))?.[1] ?? []);
    const byFile: Readonly<Record<string, readonly string[]>> = {
      collector: ['callspan_hmac_key', 'callspan_telemetry_token'],
      page: ['callspan_operations_token'],
      'backup-records': ['postgres_password'],
      'restore-records': ['postgres_password'],
    };
    expect([...(service.secrets ?? [])].sort()).toEqual([...read, ...(byFile[name] ?? [])].sort());
    const inVariables = given.filter(([key]) => /(TOKEN|SECRET|PASSWORD|_KEY)$/.test(key));
    expect(inVariables).toEqual([]);
  },
);

test('the key that hashes personal data is one in bot, records and every redaction of the Collector', () => {
  const key = `\${file:/run/secrets/callspan_hmac_key}`;
  const base = parse(readFileSync('otel-collector.yaml', 'utf8'), { merge: true });
  const overlay = parse(readFileSync('collector/compose/collector.yaml', 'utf8'), { merge: true });
  const keyed = Object.keys(base.processors).filter((name) => base.processors[name].hmac_key !== undefined);
  expect(keyed.length).toBeGreaterThan(0);
  for (const name of keyed) expect([name, overlay.processors[name]?.hmac_key]).toEqual([name, key]);
});

test('traces, logs and metrics are kept as long as the viewer’s, by one setting', () => {
  for (const [stack, preset] of [
    [development, 'development'],
    [production, 'production'],
  ] as const) {
    for (const name of ['tempo', 'loki', 'prometheus']) {
      expect(stack.services[name]?.env_file).toEqual([`./collector/retention/\${CALLSPAN_RETENTION:-${preset}}.env`]);
    }
    expect(stack.services.viewer?.environment?.CALLSPAN_RETENTION).toBe(`\${CALLSPAN_RETENTION:-${preset}}`);
  }
});

test('every volume of data is backed up and can be restored, but what is made anew', () => {
  const madeAnew = ['overlays', 'collector', 'backups', 'records', 'postgres'];
  const volumes = Object.keys(production.volumes ?? {}).filter((name) => !madeAnew.includes(name));
  const mounted = (service: string) =>
    (production.services[service]?.volumes ?? []).flatMap((mount) => /^(\w+):\/volumes\//.exec(mount)?.[1] ?? []);
  expect(mounted('backup').sort()).toEqual(volumes.sort());
  expect(mounted('restore').sort()).toEqual(volumes.sort());
  expect(mounted('volume-owner').sort()).toEqual([...volumes, ...madeAnew].sort());
});

test('the machine’s root is mounted as Docker on any desktop takes it, and in production so that disks come and go', () => {
  const mountsOf = (stack: typeof production) =>
    (stack.services.collector?.volumes ?? []).filter((mount) => mount.startsWith('/:'));
  expect(mountsOf(development)).toEqual(['/:/hostfs:ro']);
  // The last one of a place counts.
  expect(mountsOf(production).at(-1)).toBe('/:/hostfs:ro,rslave');
});

test('records wait until Postgres answers by TCP: while it makes the database it answers on its socket', () => {
  const { test: command = [] } = (production.services.postgres?.healthcheck ?? {}) as { test?: readonly string[] };
  expect(command.join(' ')).toContain('pg_isready -q -h 127.0.0.1 ');
});

test('Grafana leaves the data sources of its image alone: it cannot replace them on a file system that is read-only', () => {
  for (const { services } of [development, production])
    expect(services.grafana?.environment).toMatchObject({ GF_PLUGINS_PREINSTALL_DISABLED: 'true' });
});

test('the Dockerfile runs as an ordinary user, on a pinned Node, of packages of the lock file without development’s', () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)).toEqual(
    Array(2).fill(`node:${process.version.slice(1)}-bookworm-slim`),
  );
  expect(dockerfile).toMatch(/^USER 1000:1000$/m);
  expect(dockerfile).toContain('npm ci --omit=dev');
});

test('a service in a container has the memory settings of one that npm start starts', () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  const entry = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]');
  expect(entry).toEqual(['node', '--conditions=source', ...LEAN_FLAGS]);
  const variables = /^ENV (.*)$/m.exec(dockerfile)?.[1]?.split(' ');
  expect(variables).toEqual(expect.arrayContaining(Object.entries(LEAN_ENV).map((pair) => pair.join('='))));
});
