import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { translatedName } from '../../otel/src/conventions/signals/prometheus-names.ts';
import type { BoardFile } from '../helpers/boards.ts';
import { startMetricsReceiver } from '../helpers/metrics-receiver.ts';

const [, metricLines = '', panelLines = ''] =
  /^```ts\n([\s\S]+?)```[\s\S]+?^```ts\n([\s\S]+?)```/m.exec(readFileSync('docs/dashboards.md', 'utf8')) ?? [];

/** TypeScript as a module in the project's folder. */
const NODE = ['--conditions=source', '--disable-warning=ExperimentalWarning', '--input-type=module-typescript'];

/** The board that the guide's panel makes. */
function buildOwnBoard(): BoardFile {
  const code = `
    import { buildBoard } from './dashboards/src/board.ts';
    import { ownMetrics } from './dashboards/src/boards/own-metrics.ts';
    import { lines } from './dashboards/src/panels.ts';
    import { perSecond, series } from './dashboards/src/promql.ts';
    import { prom } from './dashboards/src/queries.ts';
    const links = { pageUrl: 'http://page', grafanaUrl: 'http://grafana', runbooksUrl: '/runbooks' };
    const board = ownMetrics({ lines: {}, limits: [], links }, [${panelLines}]);
    console.log(JSON.stringify(buildBoard(board, links)));`;
  const { stdout, stderr } = spawnSync(process.execPath, [...NODE, '-e', code], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as BoardFile;
}

test('a metric of one’s own is three lines, and its panel three more', () => {
  expect(metricLines.trim().split('\n')).toHaveLength(3);
  expect(panelLines.trim().split('\n')).toHaveLength(3);
});

test('the metric of the guide is sent under the name that the panel of the guide asks for', async () => {
  const receiver = await startMetricsReceiver();
  const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'shop' };
  const code = `${metricLines}; const { shutdownTelemetry } = await import('callspan'); await shutdownTelemetry();`;
  const child = spawn(process.execPath, ['--require', './otel/preload.cjs', ...NODE, '-e', code], { env });
  await once(child, 'close');
  const [point] = receiver.points('shop.transfers');
  receiver.close();
  expect(point).toMatchObject({ type: 'sum', value: 1, labels: { reason: 'asked' } });

  const [row, panel] = buildOwnBoard().panels;
  const name = translatedName({ name: point?.name ?? '', kind: 'counter', unit: point?.unit ?? '' });
  expect(row?.title).toBe('Own metrics');
  expect(panel?.targets?.[0]?.expr).toContain(`${name}{`);
  expect(panel?.fieldConfig?.defaults.unit).toBe('ops');
  expect(panel?.id).toBe(2);
});
