import { readdirSync, readFileSync } from 'node:fs';

type Source = { readonly type: string; readonly uid: string };

/** One query of a panel, of whatever language. */
export type BoardQuery = {
  readonly refId: string;
  readonly datasource: Source;
  /** PromQL or LogQL. */
  readonly expr?: string;
  /** TraceQL. */
  readonly query?: string;
  readonly queryType?: string;
  readonly instant?: boolean;
  readonly exemplar?: boolean;
  readonly legendFormat?: string;
};

export type BoardLink = { readonly title: string; readonly url?: string; readonly type: string };

export type BoardPanel = {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: Source;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly links?: readonly BoardLink[];
      readonly thresholds?: { readonly steps: readonly { readonly color: string; readonly value: number | null }[] };
      readonly custom?: { readonly thresholdsStyle?: { readonly mode: string } };
    };
    /** Of single columns. */
    readonly overrides: readonly {
      readonly properties: readonly { readonly id: string; readonly value: readonly BoardLink[] }[];
    }[];
  };
  readonly links?: readonly BoardLink[];
  readonly targets?: readonly BoardQuery[];
  /** Of a closed row. */
  readonly panels?: readonly BoardPanel[];
};

export type BoardVariable = {
  readonly name: string;
  readonly type: string;
  readonly label?: string;
  readonly allValue?: string;
  readonly datasource?: Source;
  readonly query?: string | { readonly query: string };
  readonly current?: { readonly value: string };
};

/** A board as it is in its generated file. */
export type BoardFile = {
  readonly file: string;
  readonly uid: string;
  readonly title: string;
  readonly description?: string;
  readonly schemaVersion: number;
  readonly editable: boolean;
  readonly refresh: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly links: readonly BoardLink[];
  readonly panels: readonly BoardPanel[];
  readonly templating: { readonly list: readonly BoardVariable[] };
};

const FOLDER = 'dashboards/generated';

/** Every generated board. */
export function readBoards(): readonly BoardFile[] {
  return readdirSync(FOLDER).map((file) => ({ ...JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')), file }));
}

/** Panels and rows of a board, those of closed rows among them. */
export function listPanels({ panels }: BoardFile): readonly BoardPanel[] {
  return panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
}

/** A query with the place where it stands: `callspan-overview / Wait / A`. */
export type PlacedQuery = { readonly where: string; readonly panel: BoardPanel; readonly query: BoardQuery };

/** Every query to a kind of data source, of all boards. */
export function listQueries(type: 'prometheus' | 'loki' | 'tempo'): readonly PlacedQuery[] {
  return readBoards().flatMap((board) =>
    listPanels(board).flatMap((panel) =>
      (panel.targets ?? [])
        .filter(({ datasource }) => datasource.type === type)
        .map((query) => ({ where: `${board.uid} / ${panel.title} / ${query.refId}`, panel, query })),
    ),
  );
}

/** What Grafana puts in place of variables: everything chosen, and lengths of time as in the middle of an hour. */
const EVERYTHING: Readonly<Record<string, string>> = {
  __rate_interval: '1m',
  __range: '1h',
  __auto: '1m',
  service: '.+',
  environment: '.*',
  stage: '.+',
  provider: '.+',
  call: 'CA192eadb5d2d2ae6262764b8bf643b181',
};

/** A query as Grafana sends it. @throws Error for a variable that no board has */
export function fillVariables(text: string, values: Readonly<Record<string, string>> = {}): string {
  const all = { ...EVERYTHING, ...values };
  return text.replaceAll(/\$(\w+)/g, (_, name: string) => {
    const value = all[name];
    if (value === undefined) throw new Error(`no board has a variable $${name}`);
    return value;
  });
}

/** What Grafana makes of a text of its provisioning files: `$NAME` is a variable of its environment, `$$` a dollar. */
export function expandProvisioned(value: string): string {
  return value
    .split('$$')
    .map((part) => part.replaceAll(/\$\{?\w+\}?/g, ''))
    .join('$');
}
