import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { STACK_ENV } from '../../../dashboards/src/places.ts';
import { loadThresholds } from '../../../thresholds/config.ts';
import { type BoardPanel, listPanels, readBoards } from '../../helpers/boards.ts';

const boards = readBoards();
const panels = boards.flatMap((board) => listPanels(board).map((panel) => ({ board: board.uid, panel })));
const shown = panels.filter(({ panel }) => panel.type !== 'row');
const sources = parse(readFileSync('dashboards/provisioning/datasources/callspan.yaml', 'utf8')) as {
  datasources: { uid: string; type: string; name: string }[];
};

/** Units of Grafana that the boards use (packages/grafana-data/src/valueFormats/categories.ts). */
const UNITS = ['ms', 's', 'short', 'none', 'percentunit', 'bytes', 'Bps', 'reqps', 'ops', 'cps', 'currencyUSD'].concat([
  'bool_yes_no',
]);

function named({ board, panel }: { readonly board: string; readonly panel: BoardPanel }): string {
  return `${board} / ${panel.title}`;
}

test('ten boards have a uid, a title and a description of their own, and files that say so', () => {
  expect(boards).toHaveLength(10);
  expect(new Set(boards.map(({ uid }) => uid)).size).toBe(10);
  expect(new Set(boards.map(({ title }) => title)).size).toBe(10);
  for (const { file, uid, title, description, schemaVersion } of boards) {
    expect(file).toBe(`${uid}.generated.json`);
    expect(uid).toMatch(/^callspan-[a-z]+$/);
    expect(title).toMatch(/^Callspan: /);
    expect(description?.length).toBeGreaterThan(20);
    expect(schemaVersion).toBe(42);
  }
});

test('every board refreshes itself: each 10 s, the logs each 5 s over their last 30 minutes', () => {
  const refreshed = Object.fromEntries(boards.map(({ uid, refresh, time }) => [uid, [refresh, time.from, time.to]]));
  const { 'callspan-logs': ofLogs, ...others } = refreshed;
  expect(ofLogs).toEqual(['5s', 'now-30m', 'now']);
  for (const times of Object.values(others)) expect(times).toEqual(['10s', 'now-1h', 'now']);
});

test('every panel of a board has an id of its own, a title and a description, and a unit that Grafana knows', () => {
  for (const board of boards) {
    const ids = listPanels(board).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Math.min(...ids)).toBe(1);
  }
  expect(shown.length).toBeGreaterThan(100);
  const bare = shown.filter(({ panel }) => !((panel.description?.length ?? 0) > 10 && panel.title.length > 2));
  expect(bare.map(named)).toEqual([]);
  const unitless = shown.filter(({ panel }) => !UNITS.includes(panel.fieldConfig?.defaults.unit ?? ''));
  expect(unitless.map(named)).toEqual([]);
  const silent = shown.filter(({ panel }) => (panel.targets ?? []).length === 0);
  expect(silent.map(named)).toEqual([]);
});

test('no panel lies on another, and none leaves the grid of 24 columns', () => {
  for (const board of boards) {
    for (const group of [board.panels, ...board.panels.map((panel) => panel.panels ?? [])]) {
      const cells = group.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
      );
      expect(new Set(cells).size).toBe(cells.length);
      expect(group.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
    }
  }
});

test('every data source is a variable of the board whose first value is provisioned', () => {
  const provisioned = new Map(sources.datasources.map(({ uid, type }) => [uid, type]));
  for (const board of boards) {
    const variables = board.templating.list.filter(({ type }) => type === 'datasource');
    expect(variables.map(({ current, query }) => provisioned.get(current?.value ?? '') === query)).toEqual([
      true,
      true,
      true,
    ]);
    const uids = new Map(variables.map(({ name, query }) => [`\${${name}}`, query]));
    const used = [
      ...listPanels(board).flatMap(({ targets = [] }) => targets.map(({ datasource }) => datasource)),
      ...board.templating.list.flatMap(({ datasource }) => (datasource ? [datasource] : [])),
    ];
    expect(used.filter(({ uid, type }) => uids.get(uid) !== type)).toEqual([]);
  }
});

test('queries of a panel are told apart, and labels in a legend are those of its query', () => {
  for (const { board, panel } of shown) {
    const refIds = (panel.targets ?? []).map(({ refId }) => refId);
    expect([board, panel.title, new Set(refIds).size]).toEqual([board, panel.title, refIds.length]);
    for (const { legendFormat = '', expr = '' } of panel.targets ?? []) {
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        const isLimitRecord = /callspan:/.test(expr) || label === 'level';
        expect([named({ board, panel }), label, isLimitRecord || new RegExp(`\\b${label}\\b`).test(expr)]).toEqual([
          named({ board, panel }),
          label,
          true,
        ]);
      }
    }
  }
});

test('every link leads to a board, a runbook, the page or a search that there is', () => {
  const links = [
    ...boards.flatMap((board) => board.links.filter(({ type }) => type === 'link')),
    ...shown.flatMap(({ panel }) => [...(panel.links ?? []), ...(panel.fieldConfig?.defaults.links ?? [])]),
    ...shown.flatMap(({ panel }) =>
      (panel.fieldConfig?.overrides ?? []).flatMap(({ properties }) => properties.flatMap(({ value }) => value)),
    ),
  ];
  const unknown = links.filter(({ url = '' }) => !isThere(url));
  expect(unknown).toEqual([]);
  const kinds = ['Calls on the page', 'Calls in Tempo', 'Runbooks'];
  for (const board of boards) {
    expect(board.links.filter(({ type }) => type === 'link').map(({ title }) => title)).toEqual(kinds);
    expect(board.links.filter(({ type }) => type === 'dashboards')).toHaveLength(1);
  }
});

function isThere(url: string): boolean {
  if (url.startsWith(`${STACK_ENV.CALLSPAN_RUNBOOKS_URL}/`)) {
    return existsSync(url.replace(STACK_ENV.CALLSPAN_RUNBOOKS_URL, 'docs/runbooks'));
  }
  if (url.startsWith(STACK_ENV.CALLSPAN_PAGE_URL)) {
    // The routes of the page (services/viewer/page/src/app.tsx).
    return /^(|\/calls\/[^/]+)$/.test(url.slice(STACK_ENV.CALLSPAN_PAGE_URL.length));
  }
  const { pathname, searchParams } = new URL(url, 'http://grafana');
  const { callspan } = JSON.parse(searchParams.get('panes') ?? '{}') as { callspan?: { datasource: string } };
  return pathname === '/explore' && sources.datasources.some(({ uid }) => uid === callspan?.datasource);
}

test('every runbook that a panel names is one of the folder, and the limits have theirs', () => {
  const named = shown.flatMap(({ panel }) =>
    (panel.links ?? []).map(({ title }) => /^Runbook: (\w+)$/.exec(title)?.[1]),
  );
  const found = named.filter((name) => name !== undefined);
  expect(found.length).toBeGreaterThan(40);
  expect(readdirSync('docs/runbooks')).toEqual(expect.arrayContaining(found.map((name) => `${name}.md`)));
});

test('each limit is drawn on the panel of its durations, at the figures of the thresholds file', () => {
  const stages = boards.find(({ uid }) => uid === 'callspan-stages');
  const { limits } = loadThresholds({ env: {} });
  for (const { id, warningMs, criticalMs } of limits) {
    const panel = listPanels(stages ?? raise()).find(({ title }) => title === `${id}: durations`);
    const { thresholds, unit, custom } = panel?.fieldConfig?.defaults ?? {};
    expect([id, unit, custom?.thresholdsStyle?.mode]).toEqual([id, 'ms', 'dashed']);
    expect(thresholds?.steps.map(({ value }) => value)).toEqual([null, warningMs, criticalMs]);
    expect(panel?.targets?.every(({ exemplar }) => exemplar === true)).toBe(true);
  }
});

function raise(): never {
  throw new Error('there is no board of the stages');
}

test('the logs board has what an operator expects of one', () => {
  const logs = boards.find(({ uid }) => uid === 'callspan-logs') ?? raise();
  const titles = listPanels(logs)
    .filter(({ type }) => type !== 'row')
    .map(({ title }) => title);
  expect(titles).toEqual([
    ...['Errors', 'Warnings', 'Info', 'Debug'],
    ...['Volume by level', 'Lines a second', 'Share of errors', 'Errors an hour', 'Mean latency'],
    ...['Top ten errors', 'Top five contexts', 'All logs', 'Errors only', 'Warnings only', 'Logs of $service'],
  ]);
});

test('boards are saved in development and fixed in production by one variable', () => {
  const file = parse(readFileSync('dashboards/provisioning/dashboards/callspan.yaml', 'utf8')) as {
    providers: { allowUiUpdates: string; options: { path: string } }[];
  };
  expect(file.providers.map(({ allowUiUpdates, options }) => [allowUiUpdates, options.path])).toEqual([
    ['$CALLSPAN_DASHBOARDS_EDITABLE', '/etc/callspan/dashboards'],
  ]);
  expect(boards.every(({ editable }) => editable)).toBe(true);
  const { services } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
    services: { grafana: { environment: Record<string, string>; volumes: string[] } };
  };
  expect(services.grafana.environment.CALLSPAN_DASHBOARDS_EDITABLE).toBe('true');
  expect(services.grafana.volumes).toEqual(
    expect.arrayContaining([
      './dashboards/provisioning:/etc/grafana/provisioning:ro',
      './dashboards/generated:/etc/callspan/dashboards:ro',
      `./docs/runbooks:/usr/share/grafana${STACK_ENV.CALLSPAN_RUNBOOKS_URL}:ro`,
    ]),
  );
});
