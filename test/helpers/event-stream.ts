/** One server-sent event. */
export type StreamEvent = { readonly id: number; readonly event: string; readonly data: Record<string, unknown> };

/** A reader of server-sent events. */
export type EventReader = {
  /** The events until `isLast` is true of one, that one included. */
  readUntil(isLast: (event: StreamEvent) => boolean): Promise<StreamEvent[]>;
  /** Everything that came, comments included. */
  text(): string;
  close(): void;
};

/** Opens a stream; resolves when the server has answered. */
export async function openEventStream(url: string, lastEventId?: number): Promise<EventReader> {
  const abort = new AbortController();
  const headers = lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) };
  const response = await fetch(url, { headers, signal: abort.signal });
  if (!response.ok || !response.body) throw new Error(`the stream answered ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let all = '';
  let rest = '';
  return {
    async readUntil(isLast) {
      const events: StreamEvent[] = [];
      for (;;) {
        for (let end = rest.indexOf('\n\n'); end !== -1; end = rest.indexOf('\n\n')) {
          const event = parseEvent(rest.slice(0, end));
          rest = rest.slice(end + 2);
          if (!event) continue;
          events.push(event);
          if (isLast(event)) return events;
        }
        const { value, done } = await reader.read();
        if (done) throw new Error(`the stream ended after ${JSON.stringify(events.map(({ event }) => event))}`);
        all += value;
        rest += value;
      }
    },
    text: () => all,
    close: () => abort.abort(),
  };
}

function parseEvent(block: string): StreamEvent | undefined {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const [id, event, data] = [fields.get('id'), fields.get('event'), fields.get('data')];
  if (id === undefined || event === undefined || data === undefined) return undefined;
  return { id: Number(id), event, data: JSON.parse(data) };
}
