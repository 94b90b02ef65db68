/** Whether a text is an origin that a media stream can be dialled at: `ws://HOST:PORT` or `wss://HOST:PORT`, without path or query. */
export function isMediaBase(text: string): boolean {
  return URL.canParse(text) && /^wss?:\/\/[^/?#]+\/?$/i.test(text);
}
