import { formatDuration } from '../durations.ts';
import { type LimitLevel, overrideVariable } from '../environment.ts';
import type { AlertRule } from '../generate/rules/rule-file.ts';
import type { Limit, Thresholds } from '../model.ts';

/** A share in words: `5 %`. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(4))} %`;
}

/** `1400 ms`, and where it comes from when not from the file. */
export function figure(valueMs: number, fileMs: number | undefined): string {
  return fileMs === undefined || fileMs === valueMs ? `${valueMs} ms` : `${valueMs} ms (the file says ${fileMs})`;
}

/** When the alert of a limit fires, in words. */
export function describeLimitAlert(limit: Limit, alert: AlertRule, { notice }: Pick<Thresholds, 'notice'>): string {
  const { severity } = alert.labels;
  const isErrors = alert.alert.startsWith('CallspanStageErrors');
  if (severity === 'notice') {
    return `a single one takes more than ${limit.criticalMs} ms; then not again for ${formatDuration(notice.cooldownMs)}`;
  }
  const level: LimitLevel = severity === 'critical' ? 'critical' : 'warning';
  const many = `of at least ${limit.minExecutions} in ${formatDuration(limit.windowMs)}`;
  const rule = isErrors ? limit.errors?.[level] : limit[level];
  const held = rule && rule.forMs > 0 ? `, for ${formatDuration(rule.forMs)}` : '';
  if (isErrors) return `more than ${percent(limit.errors?.[level]?.ratio ?? 0)} end with an error, ${many}${held}`;
  return `more than ${percent(limit[level].share)} take more than ${limit[`${level}Ms`]} ms, ${many}${held}`;
}

/** `{{ if printf "..." ... | query }}1h{{ else }}6h{{ end }}`: which of two holds is known only then. */
const EITHER = /\{\{ if printf "(?:[^"\\]|\\.)*"[^}]*\}\}(.*?)\{\{ else \}\}(.*?)\{\{ end \}\}/g;

/** What an alert says of itself when nothing is known yet: `<service_name> is gone`. */
export function plainSummary({ annotations }: AlertRule): string {
  return annotations.summary
    .replaceAll(EITHER, '$1 or $2')
    .replaceAll(/\{\{ with [^}]*\}\}.*?\{\{ end \}\}(\{\{ end \}\})?/g, '')
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, '<$1>')
    .replaceAll(/\{\{[^}]*\$value[^}]*\}\}/g, '<n>')
    .replaceAll(/\{\{[^}]*\}\}/g, '');
}

/** The two variables of a limit. */
export function variablesOf(id: string): readonly string[] {
  return [overrideVariable(id, 'warning'), overrideVariable(id, 'critical')];
}
