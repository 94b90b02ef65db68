import { z } from 'zod';

/** Messages from Twilio to the bot (https://www.twilio.com/docs/voice/media-streams/websocket-messages). Numbers travel as strings. */
const Start = z.object({
  event: z.literal('start'),
  streamSid: z.string(),
  start: z.object({
    accountSid: z.string(),
    callSid: z.string(),
    mediaFormat: z.object({ encoding: z.string(), sampleRate: z.number(), channels: z.number() }),
    customParameters: z.record(z.string(), z.string()).default({}),
  }),
});
const Media = z.object({
  event: z.literal('media'),
  sequenceNumber: z.coerce.number().optional().catch(undefined),
  streamSid: z.string(),
  media: z.object({ track: z.string(), timestamp: z.coerce.number(), payload: z.string() }),
});
const Mark = z.object({ event: z.literal('mark'), streamSid: z.string(), mark: z.object({ name: z.string() }) });
const Dtmf = z.object({ event: z.literal('dtmf'), streamSid: z.string() });
const Stop = z.object({ event: z.literal('stop'), streamSid: z.string() });
const Connected = z.object({ event: z.literal('connected') });

const MediaMessage = z.discriminatedUnion('event', [Connected, Start, Media, Mark, Dtmf, Stop]);
export type MediaMessage = z.infer<typeof MediaMessage>;
export type StartMessage = z.infer<typeof Start>;

/** A message, or undefined for anything that is none: not JSON, unknown event, missing or wrong fields. */
export function parseMediaMessage(text: string): MediaMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return MediaMessage.safeParse(value).data;
}
