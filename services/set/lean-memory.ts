/** Without these V8 lets the old space of a big machine grow to 256 MB before it looks for garbage at all. */
export const LEAN_FLAGS: readonly string[] = ['--initial-old-space-size=32', '--max-semi-space-size=8'];

/**
 * Without it each of V8's compiling threads keeps freed memory of its own: glibc gives a thread an arena and hardly ever
 * gives one back. Other C libraries do not know the variable.
 */
export const LEAN_ENV: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '2' };
