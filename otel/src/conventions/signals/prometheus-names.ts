import type { MetricDescriptor } from '../metrics.ts';

/** Unit suffixes of the OTLP translation (UCUM to Prometheus), as far as instruments of this project use them. */
const UNIT_WORDS: Readonly<Record<string, string>> = {
  ms: 'milliseconds',
  s: 'seconds',
  By: 'bytes',
  '%': 'percent',
};

type Named = Pick<MetricDescriptor, 'name' | 'kind' | 'unit'>;

/**
 * The name under which Prometheus has a metric that came by OTLP: letters, digits and underscores, the unit as a word,
 * `_ratio` for gauges of unit 1, `_total` for counters; a unit in braces is no suffix
 * (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/, "UnderscoreEscapingWithSuffixes").
 */
export function translatedName({ name, kind, unit }: Named): string {
  const words = name.split(/[^a-zA-Z0-9]+/).filter((word) => word !== '' && !(kind === 'counter' && word === 'total'));
  const suffix = unit === '1' && kind === 'gauge' ? 'ratio' : UNIT_WORDS[unit];
  const withUnit = suffix && !words.includes(suffix) ? [...words, suffix] : words;
  return [...withUnit, ...(kind === 'counter' ? ['total'] : [])].join('_');
}

/** The name at the scrape endpoint of exporter-prometheus: no unit; `_total` for counters. */
export function scrapedName({ name, kind }: Named): string {
  const base = name.replace(/[^a-z0-9_]/gi, '_').replace(/_{2,}/g, '_');
  return kind === 'counter' && !base.endsWith('_total') ? `${base}_total` : base;
}
