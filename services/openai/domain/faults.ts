export const FAULT_ROUTES = ['transcriptions', 'chat', 'responses', 'speech', 'realtime'] as const;
export type FaultRoute = (typeof FAULT_ROUTES)[number];

const HTTP_FAULTS = ['slow', '429', '500', 'cut-stream', 'hang', 'bad-json'] as const;
/** `refuse` meets a handshake, the others meet a transcription or a response within a session. */
const REALTIME_FAULTS = ['slow', 'refuse', 'close', 'transcription_failed', 'hang', 'rate_limit', 'nonsense'] as const;
export type FaultName = (typeof HTTP_FAULTS)[number] | (typeof REALTIME_FAULTS)[number];

const TEXT_MATCHES = ['extraction', 'reply'] as const;
const REALTIME_MATCHES = ['transcription', 'response'] as const;
export type FaultMatch = (typeof TEXT_MATCHES)[number] | (typeof REALTIME_MATCHES)[number];

/** The faults that a route knows. */
export function listFaults(route: FaultRoute): readonly FaultName[] {
  return route === 'realtime' ? REALTIME_FAULTS : HTTP_FAULTS;
}

/** The kinds of request that a fault of a route can be narrowed to. */
export function listMatches(route: FaultRoute): readonly FaultMatch[] {
  if (route === 'realtime') return REALTIME_MATCHES;
  return route === 'chat' || route === 'responses' ? TEXT_MATCHES : [];
}

/** A fault that is on: for the `remaining` next requests, or (null) until switched off. */
export type Fault = {
  readonly route: FaultRoute;
  readonly fault: FaultName;
  readonly match: FaultMatch | null;
  readonly latencyMs: number;
  readonly retryAfterMs: number;
  /** For `refuse`: the HTTP status, 401 or 429; for `close`: the close code, 1011 or 1006 (broken off). 0 for the others. */
  readonly code: number;
  readonly remaining: number | null;
};

export type FaultBoard = {
  /** Replaces what was on for the same route and match. */
  set(fault: Fault): void;
  /** Switches off a route, or with `match` only that kind of request. */
  clear(route: FaultRoute, match: FaultMatch | null): void;
  /** The fault that this request meets, counted as used; null when it meets none. Only the faults of `names`, where given. */
  take(route: FaultRoute, kind: FaultMatch | null, names?: readonly FaultName[]): Fault | null;
  list(): readonly Fault[];
};

/** Faults by name, none on at first. */
export function createFaultBoard(): FaultBoard {
  let faults: readonly Fault[] = [];
  const without = (route: FaultRoute, match: FaultMatch | null) =>
    faults.filter((fault) => fault.route !== route || fault.match !== match);
  return {
    set(fault) {
      faults = [...without(fault.route, fault.match), fault];
    },
    clear(route, match) {
      faults = match === null ? faults.filter((fault) => fault.route !== route) : without(route, match);
    },
    take(route, kind, names) {
      const found = faults.find(
        (fault) =>
          fault.route === route &&
          (fault.match === null || fault.match === kind) &&
          (names === undefined || names.includes(fault.fault)),
      );
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
