/**
 * Puts an own, invisible property over whatever `target` has under `key`.
 * @returns what takes it away again, or undefined when the object takes none (frozen, or a proxy that refuses)
 */
export function coverProperty(target: object, key: PropertyKey, value: unknown): (() => void) | undefined {
  return readSafely(() => {
    const before = Object.getOwnPropertyDescriptor(target, key);
    const cover = { value, configurable: true, enumerable: before?.enumerable ?? false, writable: true };
    if (!Reflect.defineProperty(target, key, cover)) return undefined;
    return () =>
      void readSafely(() => {
        // Somebody has covered it since: theirs stays.
        if (Object.getOwnPropertyDescriptor(target, key)?.value !== value) return;
        if (before) Reflect.defineProperty(target, key, before);
        else Reflect.deleteProperty(target, key);
      });
  });
}

/** What is measured may be hostile: a getter or a proxy that throws must not break a call. */
export function readSafely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The method of that name, or undefined. */
export function methodOf(value: unknown, key: PropertyKey): ((...args: unknown[]) => unknown) | undefined {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  const method = readSafely(() => (value as Record<PropertyKey, unknown>)[key]);
  return typeof method === 'function' ? (method as (...args: unknown[]) => unknown) : undefined;
}
