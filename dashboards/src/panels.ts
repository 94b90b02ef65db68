import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  LogsSortOrder,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
  type DataTransformerConfig,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as LogsPanel } from '@grafana/grafana-foundation-sdk/logs';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimePanel } from '@grafana/grafana-foundation-sdk/timeseries';

/** What a limit draws on a panel: `generateGrafana` of the thresholds. */
export type LimitLines = {
  readonly unit: string;
  readonly thresholds: { readonly steps: readonly { readonly color: string; readonly value: number | null }[] };
};

/** A panel before it has its place. */
export type PanelSpec = {
  readonly title: string;
  /** What is seen, and what it means when it is high. */
  readonly description: string;
  /** Grafana's name of the unit: `ms`, `s`, `percentunit`, `reqps`, `bytes`, `currencyUSD`, `short`, ... */
  readonly unit: string;
  readonly queries: readonly Builder<Dataquery>[];
  /** Width out of 24. */
  readonly width?: number;
  readonly height?: number;
  /** Lines of a limit; their unit is the panel's. */
  readonly limit?: LimitLines | undefined;
  readonly isStacked?: boolean;
  /** Where a reader goes from here: text to address. */
  readonly links?: Readonly<Record<string, string>>;
  /** Of every cell or point: text to address. */
  readonly pointLinks?: Readonly<Record<string, string>>;
  /** Of the cells of one column: its name, the text, and the address before the cell's value. */
  readonly columnLink?: readonly [column: string, title: string, url: string];
  /** Of a table: what the figure of each query is, in their order; Grafana calls them `Value #A` and so on. */
  readonly columns?: readonly string[];
  /** Variable of which each chosen value gets a panel of its own. */
  readonly repeat?: string;
};

/** A figure of the time shown as lines, with a legend of its last and highest values. */
export function lines(spec: PanelSpec): Builder<Panel> {
  const { isStacked = false, limit } = spec;
  const legend = new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.Table)
    .placement(LegendPlacement.Bottom)
    .calcs(['lastNotNull', 'max']);
  const panel = described(new TimePanel(), spec, { width: 12, height: 8 })
    .legend(legend)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .fillOpacity(isStacked ? 60 : 10)
    .drawStyle(isStacked ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    .min(0);
  if (isStacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  if (limit) {
    const style = new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed);
    panel.thresholds(stepsOf(limit)).thresholdsStyle(style);
  }
  return panel;
}

/** One figure, large. */
export function figure(spec: PanelSpec): Builder<Panel> {
  const panel = described(new StatPanel(), spec, { width: 4, height: 4 })
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    // Grafana writes "No data" where nothing has happened yet.
    .noValue('–');
  return panel.thresholds(stepsOf(spec.limit, 'text'));
}

/** Rows. */
export function rows(spec: PanelSpec): Builder<Panel> {
  const { columns = [], columnLink } = spec;
  const panel = described(new TablePanel(), spec, { width: 12, height: 8 }).filterable(true);
  if (columnLink) {
    const [column, title, url] = columnLink;
    panel.overrideByName(column, [
      { id: 'links', value: [{ title, url: `${url}\${__value.raw}`, targetBlank: true }] },
    ]);
  }
  return columns.length === 0 ? panel : panel.transformations(nameColumns(columns));
}

/** Log lines, newest first, each to be opened. */
export function logLines(spec: Omit<PanelSpec, 'unit'>): Builder<Panel> {
  return described(new LogsPanel(), { ...spec, unit: 'none' }, { width: 24, height: 10 })
    .showTime(true)
    .wrapLogMessage(true)
    .enableLogDetails(true)
    .enableInfiniteScrolling(true)
    .sortOrder(LogsSortOrder.Descending);
}

type AnyPanel = TimePanel | StatPanel | TablePanel | LogsPanel;

function described<T extends AnyPanel>(
  panel: T,
  spec: PanelSpec,
  size: { readonly width: number; readonly height: number },
): T {
  const { title, description, unit, queries, width = size.width, height = size.height } = spec;
  panel.title(title).description(description).unit(unit).span(width).height(height);
  panel.targets([...queries]);
  if (spec.repeat) panel.repeat(spec.repeat).repeatDirection('h').maxPerRow(2);
  panel.links(linksOf(spec.links)).dataLinks(linksOf(spec.pointLinks));
  return panel;
}

/** One row for the same labels, without its time, with the figures under their names. */
function nameColumns(columns: readonly string[]): DataTransformerConfig[] {
  const letters = columns.map((column, index) => [`Value #${String.fromCharCode(65 + index)}`, column]);
  const renameByName = Object.fromEntries([['Value', columns[0]], ...letters]);
  const organize = { id: 'organize', options: { excludeByName: { Time: true }, renameByName } };
  return columns.length === 1 ? [organize] : [{ id: 'merge', options: {} }, organize];
}

/** Links that open beside the board. */
function linksOf(links: Readonly<Record<string, string>> = {}): Builder<DashboardLink>[] {
  return Object.entries(links).map(([title, url]) =>
    new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(url).targetBlank(true),
  );
}

/** @param ground colour below every step, where the panel colours its figure by them: transparent could not be read */
function stepsOf(limit?: LimitLines, ground?: string): ThresholdsConfigBuilder {
  const [first, ...steps] = limit?.thresholds.steps ?? [];
  const below = { color: ground ?? first?.color ?? 'transparent', value: null };
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([below, ...steps]);
}
