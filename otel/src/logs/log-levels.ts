/** The levels of `LOG_LEVEL`, from the most to say to nothing at all. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
/** One of them. */
export type LogLevel = (typeof LOG_LEVELS)[number];
/** The level of a line. */
export type LineLevel = Exclude<LogLevel, 'silent'>;

/** The level that a component logs from; a component is the context of its logger, in any case. */
export type LevelOf = (component: string) => LogLevel;

/**
 * Reads `LOG_LEVEL`: one level, and `component=level` for those that differ, separated by commas
 * (`info,exporter=debug`). The last of two for one component counts.
 * @throws TypeError naming what is wrong and the levels that there are
 */
export function parseLogLevels(text: string | undefined, standard: LogLevel): LevelOf {
  let level = standard;
  const byComponent = new Map<string, LogLevel>();
  for (const part of (text ?? '').split(',')) {
    if (part.trim() === '') continue;
    const at = part.indexOf('=');
    if (at < 0) level = parseLevel(part, part);
    else byComponent.set(componentOf(part.slice(0, at), part), parseLevel(part.slice(at + 1), part));
  }
  return (component) => byComponent.get(component.trim().toLowerCase()) ?? level;
}

/** True when a line of `level` is written by a component at `threshold`. */
export function isLogged(level: LineLevel, threshold: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(threshold);
}

function componentOf(name: string, part: string): string {
  const component = name.trim().toLowerCase();
  if (component === '') throw wrong(part);
  return component;
}

function parseLevel(name: string, part: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === name.trim().toLowerCase());
  if (!level) throw wrong(part);
  return level;
}

function wrong(part: string): TypeError {
  return new TypeError(
    `LOG_LEVEL has ${JSON.stringify(part.slice(0, 100))}; expected one of ${LOG_LEVELS.join(', ')}, or component=level`,
  );
}
