import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Board } from '../board.ts';
import { serviceVariables } from '../variables.ts';
import type { BoardContext } from './context.ts';

/** Panels about metrics of your own: docs/dashboards.md shows one. */
const OWN_PANELS: readonly Builder<Panel>[] = [];

/** The board of {@link OWN_PANELS}; none as long as there is no panel. */
export function ownMetrics(_context: BoardContext, panels = OWN_PANELS): Board | undefined {
  if (panels.length === 0) return undefined;
  return {
    uid: 'callspan-own',
    title: 'Callspan: own metrics',
    description: 'What this installation measures beside Callspan.',
    variables: serviceVariables(),
    rows: [{ title: 'Own metrics', panels }],
  };
}
