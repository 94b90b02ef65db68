import { stringify } from 'yaml';
import { formatDuration } from '../../durations.ts';
import type { Severity } from '../../model.ts';
import type { Annotations } from './words.ts';

/** A series that is written at each evaluation. */
export type RecordingRule = {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
};

/** A state that somebody is told of. */
export type AlertRule = {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Annotations;
};

export type Rule = RecordingRule | AlertRule;

/** Rules that are evaluated one after the other, at the same instant. */
export type RuleGroup = { readonly name: string; readonly interval: string; readonly rules: readonly Rule[] };

/** What an alert is made of; durations of 0 are left out. */
export type Alarm = {
  readonly alert: string;
  readonly severity: Severity | 'none';
  readonly expr: string;
  readonly forMs?: number;
  readonly keepFiringForMs?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations: Annotations;
};

/** An alert as Prometheus reads it. */
export function alarm({ alert, severity, expr, annotations, ...rest }: Alarm): AlertRule {
  const { forMs = 0, keepFiringForMs = 0, labels } = rest;
  return {
    alert,
    expr,
    ...(forMs > 0 ? { for: formatDuration(forMs) } : {}),
    ...(keepFiringForMs > 0 ? { keep_firing_for: formatDuration(keepFiringForMs) } : {}),
    labels: { severity, ...labels },
    annotations,
  };
}

const HEAD = '# Made by `npm run generate` from thresholds/thresholds.yaml. Change that.\n';

/** A file of rules or of their tests. */
export function toYaml(content: object): string {
  return HEAD + stringify(content, { lineWidth: 0, aliasDuplicateObjects: false });
}
