/**
 * The entry of a dictionary under a key that came from outside; undefined where there is none. Telemetry may hold any text,
 * also `__proto__` or `constructor`, which a plain look-up would find on every object.
 */
export function lookUp<T>(dictionary: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(dictionary, key) ? dictionary[key] : undefined;
}
