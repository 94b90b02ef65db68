import { type Json, objectAt, textAt } from './answer-facts.ts';

/** Bytes of a millisecond of audio: µ-law and A-law 8 kHz, or PCM16 at its rate. */
const G711_BYTES_PER_MS = 8;
const PCM_DEFAULT_RATE_HZ = 24_000;

/** What the session of a socket is set to, as far as it was told by either side. */
export type RealtimeSession = {
  /** Of responses. */
  readonly model: string | undefined;
  /** Of transcripts; undefined when the session makes none. */
  readonly transcriptionModel: string | undefined;
  readonly language: string | undefined;
  readonly voice: string | undefined;
  readonly inputBytesPerMs: number;
  readonly outputBytesPerMs: number;
  /** Takes what a `session.update`, `session.created` or `session.updated` says. */
  read(event: Json): void;
};

/** @param url of the socket: conversations name their model there */
export function createRealtimeSession(url: string | undefined): RealtimeSession {
  const told = {
    model: url && URL.canParse(url) ? (new URL(url).searchParams.get('model') ?? undefined) : undefined,
    transcriptionModel: undefined as string | undefined,
    language: undefined as string | undefined,
    voice: undefined as string | undefined,
    inputBytesPerMs: bytesPerMs(undefined),
    outputBytesPerMs: bytesPerMs(undefined),
    read(event: Json) {
      const session = objectAt(event, 'session');
      const input = objectAt(objectAt(session, 'audio'), 'input');
      const output = objectAt(objectAt(session, 'audio'), 'output');
      const transcription = objectAt(input, 'transcription') ?? objectAt(session, 'input_audio_transcription');
      told.model = textAt(session, 'model') ?? told.model;
      told.transcriptionModel = textAt(transcription, 'model') ?? told.transcriptionModel;
      told.language = textAt(transcription, 'language') ?? told.language;
      told.voice = textAt(output, 'voice') ?? textAt(session, 'voice') ?? told.voice;
      const inputFormat = input?.format ?? session?.input_audio_format;
      const outputFormat = output?.format ?? session?.output_audio_format;
      if (inputFormat) told.inputBytesPerMs = bytesPerMs(inputFormat);
      if (outputFormat) told.outputBytesPerMs = bytesPerMs(outputFormat);
    },
  };
  return told;
}

function bytesPerMs(format: unknown): number {
  const object = typeof format === 'object' && format !== null ? (format as Json) : undefined;
  const type = typeof format === 'string' ? format : (textAt(object, 'type') ?? '');
  if (/pcmu|pcma|g711/.test(type)) return G711_BYTES_PER_MS;
  const rateHz = typeof object?.rate === 'number' && object.rate > 0 ? object.rate : PCM_DEFAULT_RATE_HZ;
  return (rateHz * 2) / 1000;
}

/** Bytes that base64 text stands for. */
export function base64Bytes(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return Math.floor((text.length * 3) / 4) - padding;
}
