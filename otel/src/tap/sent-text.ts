/**
 * What a bot sends as a text message: text, or bytes that it says are text (`send(bytes, { binary: false })`, as ws takes
 * them). Undefined for a binary message, and when `bytes` are none.
 * @param options the second argument of `send`
 */
export function sentText(data: unknown, options: unknown): string | undefined {
  if (typeof data === 'string') return data;
  if ((options as { binary?: unknown } | null | undefined)?.binary !== false) return undefined;
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
  return data instanceof ArrayBuffer ? Buffer.from(data).toString() : undefined;
}
