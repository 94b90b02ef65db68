export const FAULT_ROUTES = ['transcriptions', 'chat', 'speech'] as const;
export type FaultRoute = (typeof FAULT_ROUTES)[number];

export const FAULT_NAMES = ['slow', '429', '500', 'cut-stream', 'hang', 'bad-json'] as const;
type FaultName = (typeof FAULT_NAMES)[number];

export const CHAT_MATCHES = ['extraction', 'reply'] as const;
type ChatMatch = (typeof CHAT_MATCHES)[number];

/** A fault that is on: for the `remaining` next requests, or (null) until switched off. */
export type Fault = {
  readonly route: FaultRoute;
  readonly fault: FaultName;
  readonly match: ChatMatch | null;
  readonly latencyMs: number;
  readonly retryAfterMs: number;
  readonly remaining: number | null;
};

export type FaultBoard = {
  /** Replaces what was on for the same route and match. */
  set(fault: Fault): void;
  /** Switches off a route, or with `match` only that kind of chat request. */
  clear(route: FaultRoute, match: ChatMatch | null): void;
  /** The fault that this request meets, counted as used; null when it meets none. */
  take(route: FaultRoute, kind: ChatMatch | null): Fault | null;
  list(): readonly Fault[];
};

/** Faults by name, none on at first. */
export function createFaultBoard(): FaultBoard {
  let faults: readonly Fault[] = [];
  const without = (route: FaultRoute, match: ChatMatch | null) =>
    faults.filter((fault) => fault.route !== route || fault.match !== match);
  return {
    set(fault) {
      faults = [...without(fault.route, fault.match), fault];
    },
    clear(route, match) {
      faults = match === null ? faults.filter((fault) => fault.route !== route) : without(route, match);
    },
    take(route, kind) {
      const found = faults.find((fault) => fault.route === route && (fault.match === null || fault.match === kind));
      if (!found) return null;
      if (found.remaining !== null) {
        const left = found.remaining - 1;
        faults = faults.flatMap((fault) =>
          fault !== found ? [fault] : left > 0 ? [{ ...fault, remaining: left }] : [],
        );
      }
      return found;
    },
    list: () => faults,
  };
}
