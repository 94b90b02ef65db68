import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { Label, SpanMetric } from '../../thresholds/generate/rules/promql.ts';
import { EVERY_PROCESS, series } from './promql.ts';
import { SOURCE_VARIABLES, sourceOf } from './queries.ts';

/** Names of the data sources as they are provisioned, by kind. */
const SOURCE_NAMES = { prometheus: 'Prometheus', loki: 'Loki', tempo: 'Tempo' } as const;

/** Where the figures, lines and traces of a board come from; the provisioned ones unless somebody chooses others. */
export function listSourceVariables(): Builder<VariableModel>[] {
  return (Object.keys(SOURCE_VARIABLES) as (keyof typeof SOURCE_VARIABLES)[]).map((type) =>
    new DatasourceVariableBuilder(SOURCE_VARIABLES[type])
      .label(SOURCE_NAMES[type])
      .type(type)
      .current({ text: SOURCE_NAMES[type], value: type }),
  );
}

/** Which environment and which services: every board has them. */
export function serviceVariables(): Builder<VariableModel>[] {
  const environment = `label_values(${EVERY_PROCESS}, deployment_environment_name)`;
  const service = `label_values(${EVERY_PROCESS}{deployment_environment_name=~"$environment"}, ${Label.service})`;
  // A service without an environment is shown, too.
  return [choice('environment', 'Environment', environment, '.*'), choice('service', 'Service', service)];
}

/** Which steps of a call, and whose. */
export function stageVariables(): Builder<VariableModel>[] {
  const stage = `label_values(${series(SpanMetric.calls, [Label.stage, '!=', 'none'])}, ${Label.stage})`;
  return [choice('stage', 'Stage', stage), providerVariable()];
}

/** Whose models. `none` is a step that has no provider. */
export function providerVariable(): Builder<VariableModel> {
  return choice('provider', 'Provider', `label_values(${series(SpanMetric.calls)}, ${Label.provider})`);
}

/** A text that somebody types or a link brings. */
export function textVariable(name: string, label: string, description: string): Builder<VariableModel> {
  return new TextBoxVariableBuilder(name).label(label).description(description).defaultValue('');
}

/** One or more values of a label, at first all of them. */
function choice(name: string, label: string, query: string, allValue = '.+'): Builder<VariableModel> {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(sourceOf('prometheus'))
    .query({ query, refId: name, qryType: 1 })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(allValue)
    .current({ text: 'All', value: '$__all' });
}
