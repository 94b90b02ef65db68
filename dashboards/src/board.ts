import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
  type RowPanel,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Links } from '../../thresholds/generate/rules/words.ts';
import { CALLS_IN_TEMPO } from './places.ts';
import { listSourceVariables } from './variables.ts';

/** The version of Grafana's classic dashboards that the SDK writes. */
const SCHEMA_VERSION = 42;

/** A heading and the panels below it. */
export type Row = {
  readonly title: string;
  readonly panels: readonly Builder<Panel>[];
  /** Closed until somebody opens it: what is dear to ask is asked then. */
  readonly isClosed?: boolean;
};

/** A board before it is Grafana's. */
export type Board = {
  /** Stands in addresses and in file names, so it stays. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row[];
  /** Beside those of the data sources. */
  readonly variables: readonly Builder<VariableModel>[];
  /** Default 10 s. */
  readonly refresh?: string;
  /** Default the last hour. */
  readonly from?: string;
};

/** The board as Grafana takes it: panels numbered in their order, links to page, Tempo, runbooks and the other boards. */
export function buildBoard(board: Board, links: Links): Dashboard {
  const builder = new DashboardBuilder(board.title)
    .uid(board.uid)
    .description(board.description)
    .tags(['callspan'])
    .timezone('browser')
    .time({ from: board.from ?? 'now-1h', to: 'now' })
    .refresh(board.refresh ?? '10s')
    .tooltip(DashboardCursorSync.Crosshair)
    .editable()
    .variables([...listSourceVariables(), ...board.variables])
    .links(linksOf(links));
  for (const row of board.rows) addRow(builder, row);
  const dashboard = { ...builder.build(), schemaVersion: SCHEMA_VERSION };
  return {
    ...dashboard,
    annotations: { list: [] },
    // Beside the variables, where they are seen, and not in a menu.
    links: (dashboard.links ?? []).map(({ placement: _, ...link }) => link),
    panels: finish(dashboard.panels ?? []),
  };
}

function addRow(builder: DashboardBuilder, { title, panels, isClosed = false }: Row): void {
  const row = new RowBuilder(title).collapsed(isClosed);
  // A closed row holds its panels, below an open one they stand beside it.
  if (isClosed) for (const panel of panels) row.withPanel(panel);
  builder.withRow(row);
  if (!isClosed) for (const panel of panels) builder.withPanel(panel);
}

type AnyPanel = Panel | RowPanel;

/** What the SDK leaves to Grafana, which would make it anew at each load: ids, and the letters of queries. */
function finish(panels: readonly AnyPanel[]): AnyPanel[] {
  let last = 0;
  const next = <T extends AnyPanel>(panel: T): T => {
    last += 1;
    const id = last;
    if ('panels' in panel) return { ...panel, id, panels: panel.panels.map(next) };
    return { ...panel, id, targets: panel.targets?.map(nameQuery) ?? [], ...sourceOfPanel(panel) };
  };
  return panels.map(next);
}

function nameQuery(query: Dataquery, index: number): Dataquery {
  return { ...query, refId: String.fromCharCode('A'.charCodeAt(0) + index) } as Dataquery;
}

/** A panel has the data source of its queries. */
function sourceOfPanel({ targets = [] }: { readonly targets?: readonly Dataquery[] }): Pick<Panel, 'datasource'> {
  const [first] = targets as readonly Pick<Panel, 'datasource'>[];
  return first?.datasource ? { datasource: first.datasource } : {};
}

function linksOf(links: Links): DashboardLinkBuilder[] {
  const boards = new DashboardLinkBuilder('Boards').type(DashboardLinkType.Dashboards).tags(['callspan']);
  const link = (title: string, icon: string, url: string) =>
    new DashboardLinkBuilder(title).type(DashboardLinkType.Link).icon(icon).url(url).targetBlank(true);
  return [
    boards.asDropdown(true).keepTime(true),
    link('Calls on the page', 'bolt', links.pageUrl),
    link('Calls in Tempo', 'external link', CALLS_IN_TEMPO),
    link('Runbooks', 'doc', `${links.runbooksUrl}/README.md`),
  ];
}
