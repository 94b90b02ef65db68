import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { readLinks } from '../../thresholds/config.ts';
import { generateGrafana } from '../../thresholds/generate/grafana.ts';
import type { GeneratedFile } from '../../thresholds/generated-files.ts';
import type { Thresholds } from '../../thresholds/model.ts';
import { type Board, buildBoard } from './board.ts';
import { business } from './boards/business.ts';
import { callExplorer } from './boards/call-explorer.ts';
import type { BoardContext } from './boards/context.ts';
import { errors } from './boards/errors.ts';
import { logsOverview } from './boards/logs-overview.ts';
import { models } from './boards/models.ts';
import { callOverview } from './boards/overview.ts';
import { ownMetrics } from './boards/own-metrics.ts';
import { pipelineAndHost } from './boards/pipeline.ts';
import { conversationQuality } from './boards/quality.ts';
import { serviceHealth } from './boards/service-health.ts';
import { stagesAndProviders } from './boards/stages.ts';
import { STACK_ENV } from './places.ts';

const BOARDS: readonly ((context: BoardContext) => Board | undefined)[] = [
  callOverview,
  stagesAndProviders,
  conversationQuality,
  models,
  business,
  logsOverview,
  serviceHealth,
  errors,
  pipelineAndHost,
  callExplorer,
  ownMetrics,
];

/**
 * Every board as Grafana takes it.
 * @param env `CALLSPAN_PAGE_URL` and `CALLSPAN_RUNBOOKS_URL` say where page and runbooks are, else those of docker compose
 */
export function buildBoards(
  thresholds: Thresholds,
  env: Readonly<Record<string, string | undefined>>,
): readonly Dashboard[] {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const links = readLinks({ ...STACK_ENV, ...given });
  const context = { lines: generateGrafana(thresholds), limits: thresholds.limits, links };
  return BOARDS.flatMap((make) => {
    const board = make(context);
    return board ? [buildBoard(board, links)] : [];
  });
}

/** The files that Grafana provisions its boards from, paths from the project's folder. */
export function listDashboardFiles(
  thresholds: Thresholds,
  env: Readonly<Record<string, string | undefined>>,
): readonly GeneratedFile[] {
  return buildBoards(thresholds, env).map((board) => [
    `dashboards/generated/${board.uid}.generated.json`,
    () => `${JSON.stringify(board, null, 2)}\n`,
  ]);
}
