import { WebSocket } from 'ws';

/** Opens a socket of a call; whoever looks on at a socket (tracing) takes the place of {@link connectPlain}. */
export type Connect = (url: string, headers: Readonly<Record<string, string>>, callSid: string) => WebSocket;

/** The vendor's largest event carries 15 MiB of audio; bytes. */
const MAX_MESSAGE_BYTES = 16_777_216;

/** A socket of the `ws` package. Not of the openai package: that one insists on `wss`, and its messages have no limit. */
export const connectPlain: Connect = (url, headers) =>
  new WebSocket(url, { headers: { ...headers }, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });

/** `http(s)://host/v1` → `ws(s)://host/v1/realtime?query` */
export function realtimeUrl(baseUrl: string, query: Readonly<Record<string, string>>): string {
  const base = new URL(baseUrl);
  const path = `${base.pathname.replace(/\/+$/, '')}/realtime`;
  const scheme = base.protocol === 'https:' ? 'wss:' : 'ws:';
  return `${scheme}//${base.host}${path}?${new URLSearchParams(query)}`;
}
