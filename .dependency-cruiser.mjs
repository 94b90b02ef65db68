/** Who may import whom: the directions of ARCHITECTURE.md, enforced by `npm run lint:deps`. */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const services = 'bot|records|viewer|caller|openai';

export default {
  forbidden: [
    rule('no-cycles', 'Two files that need each other are one idea in two places.', {}, { circular: true }),
    rule('no-unresolved', 'An import must exist.', {}, { couldNotResolve: true }),
    rule(
      'conventions-import-nothing',
      'Names are the contract: they depend on nothing.',
      { path: '^otel/src/conventions/' },
      { pathNot: '^otel/src/conventions/' },
    ),
    rule(
      'kit-stands-alone',
      'The kit is installed by other teams: it knows no service and no threshold file.',
      { path: '^otel/' },
      { path: '^(services|thresholds|test)/' },
    ),
    rule(
      'kit-takes-vendor-types-only',
      'The kit must not load the libraries that it observes.',
      { path: '^otel/' },
      { path: 'node_modules/(ws|twilio|openai|express)/', dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'thresholds-know-names-only',
      'The thresholds are figures and what is made of them: they know the names of telemetry, and nobody who uses them.',
      { path: '^thresholds/' },
      {
        pathNot: ['^thresholds/', '^otel/src/conventions/', 'node_modules/(zod|yaml)/', '^node:'],
        dependencyTypesNot: ['core'],
      },
    ),
    rule(
      'dashboards-are-made-of-names-and-limits',
      'Boards are files for Grafana: they know the names of telemetry and the thresholds, and no running service.',
      { path: '^dashboards/' },
      {
        pathNot: [
          '^dashboards/',
          '^thresholds/',
          '^otel/src/conventions/',
          'node_modules/@grafana/grafana-foundation-sdk/',
        ],
        dependencyTypesNot: ['core'],
      },
    ),
    rule(
      'services-take-what-is-generated',
      'A running service takes limits that were made and checked before: it reads no thresholds file.',
      { path: '^services/' },
      { path: '^thresholds/', pathNot: '^thresholds/generated/' },
    ),
    rule(
      'line-imports-nothing',
      'The acoustic line is pure computing.',
      { path: '^services/line/' },
      { pathNot: '^services/line/' },
    ),
    rule(
      'services-do-not-know-each-other',
      'Services meet over HTTP and WebSocket only; services/line is the one thing they share.',
      { path: `^services/(${services})/` },
      { path: '^services/', pathNot: ['^services/$1/', '^services/line/'] },
    ),
    rule(
      'only-start-knows-the-set',
      'services/start.ts starts processes; it imports none of their insides.',
      { path: '^services/[^/]+\\.ts$' },
      { path: `^services/(${services})/`, pathNot: '/config\\.ts$' },
    ),
    rule(
      'domain-is-pure',
      'Nouns, rules and ports: no vendor, no telemetry, no adapter.',
      { path: '^services/[^/]+/domain/' },
      { pathNot: ['^services/$1/domain/', '^services/[^/]+/domain/', '^services/line/', 'node_modules/zod/'] },
    ),
    rule(
      'adapters-are-alone',
      'An adapter speaks to one vendor and never to another adapter.',
      { path: '^services/([^/]+)/adapters/([^/]+)' },
      { path: '^services/$1/adapters/', pathNot: '^services/$1/adapters/$2' },
    ),
    rule(
      'inside-never-starts',
      'Nothing imports start.ts or main.ts of a service.',
      { path: '^services/' },
      { path: '^services/[^/]+/main\\.ts$' },
    ),
    rule(
      'product-never-imports-tests',
      'Tests look at the product, never the other way.',
      { pathNot: '^(test|bench)/' },
      { path: '^test/' },
    ),
    rule(
      'examples-are-strangers',
      'An example is copied by somebody who has the published packages and nothing else of this repository.',
      { path: '^examples/' },
      {
        path: '^(services|scripts|test|bench)/|^otel/src/',
        // The package's entries (otel/build/entries.ts).
        pathNot: '^otel/src/((conventions|sdk|testing)/)?index\\.ts$',
      },
    ),
    rule(
      'kit-by-its-public-name',
      'Services use the kit as its users do: through the package callspan.',
      { path: '^services/' },
      { path: '^otel/src/', pathNot: ['^otel/src/index\\.ts$', '^otel/src/conventions/index\\.ts$'] },
    ),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // Decorators and `using` are more than its parser knows.
    exclude: { path: '(^|/)dist/|^test/fixtures/decorator/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js', '.json'],
    },
  },
};
