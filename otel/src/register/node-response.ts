import type { EventEmitter } from 'node:events';

/** The answer of a fetch that is not the platform's (node-fetch): its body is a stream of Node. */
export type NodeResponse = {
  readonly status: number;
  readonly statusText: string;
  readonly ok: boolean;
  readonly headers: Iterable<[string, string]>;
  readonly body: (EventEmitter & { readonly readableFlowing?: boolean | null }) | null;
};

const NO_BODY = new Set([101, 103, 204, 205, 304]);

/** True for an answer whose body is a stream of Node, not of the platform. */
export function isNodeResponse(response: unknown): response is NodeResponse {
  const body = (response as { body?: unknown } | null)?.body;
  return typeof body === 'object' && body !== null && 'on' in body && 'emit' in body && !('getReader' in body);
}

/**
 * The same answer as one of the platform, for whoever watches it: its body is what the app reads of the original, chunk for
 * chunk as the app reads it. The original is not read, and not changed but for its `emit`.
 */
export function mirrorResponse(original: NodeResponse): Response {
  const { status, statusText, ok, body } = original;
  const headers = new Headers([...original.headers]);
  if (!body || NO_BODY.has(status)) return new Response(null, { status, statusText, headers });
  let isOver = false;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const over = (end: () => void) => {
        if (isOver) return;
        isOver = true;
        end();
      };
      const { emit } = body;
      body.emit = (event: string | symbol, ...values: unknown[]) => {
        if (!isOver && event === 'data') controller.enqueue(new Uint8Array(values[0] as Uint8Array));
        if (event === 'end') over(() => controller.close());
        if (event === 'error') over(() => controller.error(values[0]));
        if (event === 'close') over(() => controller.error(new LetGo()));
        return Reflect.apply(emit, body, [event, ...values]) as boolean;
      };
      // The openai package 4 drops a refusal that it tries again after, without reading it.
      if (!ok) setImmediate(() => body.readableFlowing === null && over(() => controller.error(new LetGo())));
    },
  });
  return new Response(stream, { status, statusText, headers });
}

/** The app wanted no more of a body. */
class LetGo extends Error {}

/** Reads a watched mirror, so that its watcher sees what the app reads. */
export async function drainMirror(mirror: Response): Promise<void> {
  const reader = mirror.body?.getReader();
  if (!reader) return;
  for (;;) {
    const { done } = await reader.read();
    if (done) return;
  }
}
