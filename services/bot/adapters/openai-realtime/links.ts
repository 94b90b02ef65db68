import type { CallResources } from '../../domain/ports.ts';

/** What is kept open for a call. */
type Kept = { readonly isOpen: boolean; close(): void };

/** One connection a call, opened when it is first wanted and again when it has broken. */
export type Links<T extends Kept> = CallResources & {
  /** @throws what opening throws; the next one to ask tries again */
  get(callSid: string): Promise<T>;
  closeAll(): void;
};

export function createLinks<T extends Kept>(open: (callSid: string) => Promise<T>): Links<T> {
  const links = new Map<string, { readonly opening: Promise<T>; current: T | undefined }>();
  const get = (callSid: string): Promise<T> => {
    const known = links.get(callSid);
    if (known && known.current?.isOpen !== false) return known.opening;
    const link = { opening: open(callSid), current: undefined as T | undefined };
    links.set(callSid, link);
    link.opening.then(
      (opened) => {
        link.current = opened;
        // Released while it was being opened.
        if (links.get(callSid) !== link) opened.close();
      },
      () => {
        if (links.get(callSid) === link) links.delete(callSid);
      },
    );
    return link.opening;
  };
  const release = (callSid: string) => {
    const link = links.get(callSid);
    links.delete(callSid);
    link?.current?.close();
  };
  return {
    get,
    open: (callSid) => void get(callSid).catch(() => undefined),
    release,
    closeAll() {
      for (const callSid of [...links.keys()]) release(callSid);
    },
  };
}
