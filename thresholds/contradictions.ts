import { KIT_BOUNDS_MS, MOST_BOUNDS, neighbours } from './bounds.ts';
import type { KeyPath } from './document.ts';
import type { LimitLevel, Overrides } from './environment.ts';
import { listDurationBoundsMs } from './generate/buckets.ts';
import { explainTimeZone } from './hours.ts';
import { type LimitPlace, limitId, listLimitPlaces } from './limit-rows.ts';
import type { Thresholds } from './model.ts';
import { findNearest } from './nearest.ts';
import { KNOWN_PROVIDERS } from './providers.ts';
import type { ThresholdsFile } from './schema.ts';

/** Something wrong at a place of the file. */
export type Finding = {
  readonly path: KeyPath;
  /** Default: the value at `path`. */
  readonly of?: 'key' | 'value';
  readonly reason: string;
  readonly nearest?: string;
};

/** What no schema can see: figures and names of the file that do not go together. */
export function findContradictions(
  file: ThresholdsFile,
  thresholds: Thresholds,
  overrides: Overrides,
): readonly Finding[] {
  return [
    ...findReversedFigures(file, thresholds, overrides),
    ...findWrongProviders(file),
    ...findUnknownObjectives(thresholds),
    ...findWrongHours(file),
    ...findNoBounds(thresholds, overrides),
    ...findReservedLabels(thresholds),
    ...findOneAlertTwice(thresholds),
  ];
}

function findReversedFigures(
  file: ThresholdsFile,
  { limits, deadAir, eventLoopBlocked }: Thresholds,
  overrides: Overrides,
): readonly Finding[] {
  const places = new Map(listLimitPlaces(file).map((place) => [place.id, place]));
  const rows = [
    ...limits.map((limit) => ({ ...limit, path: places.get(limit.id)?.path ?? ['limits'] })),
    { id: 'dead_air', path: ['dead_air'], ...deadAir },
    { id: 'event_loop_blocked', path: ['event_loop_blocked'], ...eventLoopBlocked },
  ];
  const said = (id: string, level: LimitLevel) => {
    const override = overrides.get(`${id}.${level}`);
    return override ? ` of ${override.variable}` : '';
  };
  const figures = rows.flatMap(({ id, path, warningMs, criticalMs }) => {
    if (warningMs <= criticalMs) return [];
    const warning = `the warning ${warningMs}${said(id, 'warning')}`;
    const reason = `${warning} is above the critical ${criticalMs}${said(id, 'critical')}`;
    return [{ path: [...path, 'warning_ms'], of: 'value' as const, reason }];
  });
  const ratios = limits.flatMap(({ id, errors }) => {
    const [warning, critical] = [errors?.warning?.ratio ?? 0, errors?.critical?.ratio ?? 1];
    if (warning <= critical) return [];
    const path = [...(places.get(id)?.path ?? ['limits']), 'errors'];
    return [{ path, reason: `the ratio ${warning} of the warning is above the critical ${critical}` }];
  });
  return [...figures, ...ratios];
}

function findWrongProviders(file: ThresholdsFile): readonly Finding[] {
  const known = [...KNOWN_PROVIDERS, ...(file.providers ?? [])];
  const ids = new Map<string, LimitPlace>();
  return listLimitPlaces(file).flatMap((place) => {
    const { id, provider, stage, path } = place;
    const other = ids.get(id);
    ids.set(id, place);
    if (provider === undefined) return [];
    if (other) {
      const reason = `is a second row for ${other.provider ?? other.stage}: both are ${limitId(stage, provider)}`;
      return [{ path, of: 'key' as const, reason }];
    }
    if (known.includes(provider)) return [];
    const nearest = findNearest(provider, known);
    const reason = 'is no provider that is known; if it is one of yours, name it under providers at the top';
    return [{ path, of: 'key' as const, reason, ...(nearest ? { nearest } : {}) }];
  });
}

function findUnknownObjectives({ objectives, limits }: Thresholds): readonly Finding[] {
  const ids = limits.map(({ id }) => id);
  return objectives.flatMap(({ id, limit }) => {
    if (ids.includes(limit)) return [];
    const nearest = findNearest(limit, ids);
    const reason = `${limit} is the id of no limit`;
    return [{ path: ['objectives', id, 'limit'], reason, ...(nearest ? { nearest } : {}) }];
  });
}

function findWrongHours({ working_hours: working, traffic }: ThresholdsFile): readonly Finding[] {
  const all = [
    { path: ['working_hours'], hours: working },
    { path: ['traffic', 'hours'], hours: traffic?.hours },
  ];
  return all.flatMap(({ path, hours }): readonly Finding[] => {
    if (!hours) return [];
    const zone = explainTimeZone(hours.time_zone);
    const found: Finding[] = zone ? [{ path: [...path, 'time_zone'], ...zone }] : [];
    if (hours.from >= hours.to) {
      const reason = `ends at ${hours.to}, not after it begins at ${hours.from}; hours over midnight are not supported`;
      found.push({ path: [...path, 'to'], reason });
    }
    return found;
  });
}

/** Figures that are compared in a histogram of the kit, whose bounds the file does not make. */
function findNoBounds(thresholds: Thresholds, overrides: Overrides): readonly Finding[] {
  const { http, deadAir } = thresholds;
  const fixed = [
    { path: ['http', 'p95', 'above_ms'], valueMs: http.p95.aboveMs, variable: undefined },
    ...(['warning', 'critical'] as const).map((level) => ({
      path: ['dead_air', `${level}_ms`],
      valueMs: deadAir[`${level}Ms`],
      variable: overrides.get(`dead_air.${level}`)?.variable,
    })),
  ];
  const found: Finding[] = fixed.flatMap(({ path, valueMs, variable }) => {
    if (KIT_BOUNDS_MS.includes(valueMs)) return [];
    const near = neighbours(KIT_BOUNDS_MS, valueMs).join(' and ');
    const whose = variable ? `${variable}, ` : '';
    return [{ path, reason: `${whose}${valueMs}, is no bound of its histogram; the nearest are ${near}` }];
  });
  const bounds = listDurationBoundsMs(thresholds).length;
  if (bounds <= MOST_BOUNDS) return found;
  const reason = `make ${bounds} bounds of the histogram of span durations, ${bounds - MOST_BOUNDS} more than the ${MOST_BOUNDS} that it may have: let rows share figures`;
  return [...found, { path: ['limits'], of: 'key', reason }];
}

const RESERVED_LABELS = ['severity', 'alertname', 'limit'];

function findReservedLabels({ ownRules }: Thresholds): readonly Finding[] {
  return ownRules.flatMap(({ id, labels }) =>
    Object.keys(labels)
      .filter((label) => RESERVED_LABELS.includes(label))
      .map((label) => ({
        path: ['own_rules', id, 'labels', label],
        of: 'key' as const,
        reason: 'is a label that is set for each rule; choose another name',
      })),
  );
}

/** An alert is named after its rule, without what stands between the words. */
function findOneAlertTwice({ ownRules }: Thresholds): readonly Finding[] {
  const seen = new Map<string, string>();
  return ownRules.flatMap(({ id }) => {
    const name = id.replaceAll('_', '');
    const other = seen.get(name);
    seen.set(name, id);
    if (other === undefined) return [];
    return [{ path: ['own_rules', id], of: 'key' as const, reason: `makes the same alert as ${other}` }];
  });
}
