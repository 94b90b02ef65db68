import { createRequire } from 'node:module';
import type VoiceResponseClass from 'twilio/lib/twiml/VoiceResponse.js';

// Deep imports: the whole package takes eight times as long to load and the bot uses two files of it.
const load = createRequire(import.meta.url);
const VoiceResponse = load('twilio/lib/twiml/VoiceResponse') as typeof VoiceResponseClass;

/** TwiML that ends the call. */
export function hangupTwiml(): string {
  const response = new VoiceResponse();
  response.hangup();
  return response.toString();
}

/** Name of the `<Parameter>` that carries the token. */
export const TOKEN_PARAMETER = 't';

/** TwiML that connects the call to the media stream and hangs up when the bot closes it. */
export function connectTwiml(stream: {
  readonly url: string;
  readonly token: string;
  readonly statusCallback: string;
}): string {
  const response = new VoiceResponse();
  const connect = response.connect();
  const element = connect.stream({
    url: stream.url,
    statusCallback: stream.statusCallback,
    statusCallbackMethod: 'POST',
  });
  element.parameter({ name: TOKEN_PARAMETER, value: stream.token });
  response.hangup();
  return response.toString();
}
