import type { LiveEvent } from '../../../api/types.ts';

/** `lost`: the stream broke and is being opened again. */
type LiveState = 'connecting' | 'open' | 'lost';

/** The one live stream of the page. Events come in small batches, so that a busy call does not redraw the page for each. */
export type Live = {
  /** @returns stops listening */
  listen(onEvents: (events: readonly LiveEvent[]) => void): () => void;
  /** @returns stops listening */
  listenState(onChange: () => void): () => void;
  state(): LiveState;
  /** Gives the connection back while nobody looks: a browser has six per host, for all of its tabs. */
  pause(): void;
  /** Opens the stream again after {@link Live.pause}; what was missed is asked for by a `resync`. */
  resume(): void;
  close(): void;
};

const BATCH_MS = 100;
const REOPEN_MS = 2000;
const EVENTS = ['call', 'trace', 'log', 'resync'] as const;

/** Opens the live stream at `url` (server-sent events) and keeps it open until `close`. */
export function startLive(url: string): Live {
  const listeners = new Set<(events: readonly LiveEvent[]) => void>();
  const stateListeners = new Set<() => void>();
  let state: LiveState = 'connecting';
  let waiting: LiveEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop: (() => void) | null = null;

  const flush = () => {
    timer = undefined;
    const events = waiting;
    waiting = [];
    for (const onEvents of listeners) onEvents(events);
  };
  const push = (event: LiveEvent) => {
    waiting.push(event);
    timer ??= setTimeout(flush, BATCH_MS);
  };
  const setState = (next: LiveState) => {
    if (state === next) return;
    state = next;
    for (const onChange of stateListeners) onChange();
  };
  const resume = () => {
    stop ??= openStream(url, push, setState);
  };
  const pause = () => {
    stop?.();
    stop = null;
    setState('connecting');
  };
  resume();
  return {
    listen: (onEvents) => addTo(listeners, onEvents),
    listenState: (onChange) => addTo(stateListeners, onChange),
    state: () => state,
    pause,
    resume,
    close() {
      stop?.();
      clearTimeout(timer);
    },
  };
}

function openStream(url: string, push: (event: LiveEvent) => void, setState: (state: LiveState) => void): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource(url);
    source.onopen = () => {
      setState('open');
      // What was fetched before this moment may miss what happened until now, at the first opening as at any later one.
      push({ event: 'resync', data: {} });
    };
    source.onerror = () => {
      setState('lost');
      // The browser retries by itself, except after an HTTP error.
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(timer);
      timer = setTimeout(open, REOPEN_MS);
    };
    for (const event of EVENTS) {
      source.addEventListener(event, (message) => push(parseLiveEvent(event, message.data)));
    }
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

/** A message of the stream; one that cannot be read asks for everything again, because something was missed. */
function parseLiveEvent(event: LiveEvent['event'], data: string): LiveEvent {
  try {
    return { event, data: JSON.parse(data) } as LiveEvent;
  } catch {
    return { event: 'resync', data: {} };
  }
}

function addTo<T>(set: Set<T>, item: T): () => void {
  set.add(item);
  return () => set.delete(item);
}
