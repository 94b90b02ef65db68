import { globSync, readFileSync } from 'node:fs';
import { readStackFile } from '../../helpers/stack-file.ts';

type Compose = {
  readonly services: Readonly<Record<string, { readonly environment?: Readonly<Record<string, string>> }>>;
};

const compose = readStackFile<Compose>('docker-compose.yml');
const services = Object.keys(compose.services);

/** Host names in what a file or a variable says: of addresses with a scheme, and of `host:port` alone. */
const findHosts = (text: string) =>
  [...text.matchAll(/https?:\/\/([a-z][\w.-]*)[:/]|['"]([a-z][\w-]*):\d+['"]/g)].map(
    ([, one, other]) => one ?? other ?? '',
  );

test.each([
  ...globSync('collector/prometheus/targets-compose/*.yml'),
  ...globSync('dashboards/provisioning/**/*.yaml'),
])('%s names services of Compose, and no other host', (file) => {
  expect(findHosts(readFileSync(file, 'utf8')).filter((host) => !services.includes(host))).toEqual([]);
});

test('what services of Compose are told of each other are services of Compose', () => {
  const told = Object.entries(compose.services).flatMap(([name, { environment = {} }]) =>
    Object.entries(environment).flatMap(([key, value]) => findHosts(`${value}`).map((host) => ({ name, key, host }))),
  );
  expect(told.length).toBeGreaterThan(5);
  expect(told.filter(({ host }) => host !== 'localhost' && !services.includes(host))).toEqual([]);
});

test('the Collector sends to each store at the door that it has', () => {
  const told = (service: string) => compose.services[service]?.environment ?? {};
  expect(told('collector')).toMatchObject({
    CALLSPAN_TEMPO_OTLP_URL: `http://tempo:${told('tempo').CALLSPAN_TEMPO_OTLP?.split(':')[1]}`,
    CALLSPAN_LOKI_OTLP_URL: 'http://loki:3100/otlp',
    CALLSPAN_PROMETHEUS_OTLP_URL: 'http://prometheus:9090/api/v1/otlp/v1/metrics',
  });
});
