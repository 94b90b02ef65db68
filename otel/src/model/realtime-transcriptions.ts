import { Attr, Stage } from '../conventions/index.ts';
import { type Json, objectAt, textAt, usageOf } from './answer-facts.ts';
import { eventFailure, type RealtimeOperation, type RealtimeParts } from './realtime-operation.ts';
import { base64Bytes } from './realtime-session.ts';

/** The transcripts that a socket is asked for. Times are monotonic milliseconds. */
export type Transcriptions = {
  appended(base64: string): void;
  cleared(): void;
  /** The app closed the utterance. */
  committed(eventId: string | undefined, atMs: number): void;
  /** An event of the server, by its type. */
  received(type: string, event: Json): void;
  /** Fails the commit that the error is about; false when it is about none. */
  refused(error: Json): boolean;
  readonly open: readonly RealtimeOperation[];
};

const PREFIX = 'conversation.item.input_audio_transcription.';

type Item = { readonly operation: RealtimeOperation; interims: number };
type Commit = { readonly operation: RealtimeOperation; readonly eventId: string | undefined };

/** Each is a span from its commit to its final transcript, found again by the id of its item: finals may overtake. */
export function createTranscriptions(parts: RealtimeParts): Transcriptions {
  const { session } = parts;
  const begin = (audioMs: number, startedAtMs?: number) => beginTranscript(parts, audioMs, startedAtMs);
  const commits: Commit[] = [];
  const items = new Map<string, Item>();
  const speech = createSpeechTimes();
  let bytes = 0;

  const takeAudioMs = () => {
    const audioMs = bytes / session.inputBytesPerMs;
    bytes = 0;
    return audioMs;
  };

  /** Also the first word of an utterance that the server closed by its own ear. */
  const bind = (itemId: string) => {
    const heardMs = speech.take(itemId);
    const commit = commits.shift();
    const appendedMs = commit ? 0 : takeAudioMs();
    if (!commit && !parts.transcribes()) return;
    items.set(itemId, { operation: commit?.operation ?? begin(heardMs ?? appendedMs), interims: 0 });
  };

  const finish = (itemId: string, event: Json, isFinal: boolean) => {
    const item = items.get(itemId);
    if (!item) return;
    items.delete(itemId);
    const { operation, interims } = item;
    operation.call.recordFacts({ ...usageOf(objectAt(event, 'usage')), interimCount: interims });
    operation.call.setAttributes({ [Attr.sttTailMs]: Math.round(parts.now() - operation.startedAtMs) });
    if (isFinal) operation.end();
    else operation.fail(eventFailure(event));
  };

  return {
    appended(base64) {
      bytes += base64Bytes(base64);
    },
    cleared() {
      bytes = 0;
    },
    committed(eventId, atMs) {
      const audioMs = takeAudioMs();
      if (parts.transcribes()) commits.push({ operation: begin(audioMs, atMs), eventId });
    },
    received(type, event) {
      const itemId = textAt(event, 'item_id') ?? '';
      speech.received(type, itemId, event);
      if (type === 'input_audio_buffer.committed') bind(itemId);
      if (type === `${PREFIX}delta`) {
        const item = items.get(itemId);
        if (item) item.interims += 1;
        item?.operation.call.recordFirstChunk();
      }
      if (type === `${PREFIX}completed`) finish(itemId, event, true);
      if (type === `${PREFIX}failed`) finish(itemId, event, false);
    },
    refused(event) {
      const error = objectAt(event, 'error');
      const eventId = textAt(error, 'event_id');
      const byCode = !eventId && textAt(error, 'code')?.startsWith('input_audio_buffer') ? 0 : -1;
      const index = eventId ? commits.findIndex((commit) => commit.eventId === eventId) : byCode;
      const [commit] = index < 0 ? [] : commits.splice(index, 1);
      commit?.operation.fail(eventFailure(event));
      return commit !== undefined;
    },
    get open() {
      return [...commits, ...items.values()].map(({ operation }) => operation);
    },
  };
}

function beginTranscript(parts: RealtimeParts, audioMs: number, startedAtMs?: number): RealtimeOperation {
  const { session, reconnects } = parts;
  return parts.start({
    operation: 'speech_to_text',
    stage: Stage.transcription,
    model: session.transcriptionModel ?? session.model,
    attributes: {
      [Attr.sttAudioMs]: Math.round(audioMs),
      [Attr.sttReconnects]: reconnects,
      ...(session.language ? { [Attr.speechInputLanguage]: session.language } : {}),
    },
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
  });
}

/** When, on the clock of the audio, the server heard speech begin and end. */
function createSpeechTimes() {
  const times = new Map<string, { startMs?: number; endMs?: number }>();
  return {
    received(type: string, itemId: string, event: Json): void {
      const edge = /^input_audio_buffer\.speech_(started|stopped)$/.exec(type)?.[1];
      if (edge === 'started') times.set(itemId, { startMs: Number(event.audio_start_ms) });
      if (edge === 'stopped') times.set(itemId, { ...times.get(itemId), endMs: Number(event.audio_end_ms) });
    },
    /** Milliseconds of speech of an item, once. */
    take(itemId: string): number | undefined {
      const { startMs, endMs } = times.get(itemId) ?? {};
      times.delete(itemId);
      return startMs === undefined || endMs === undefined ? undefined : Math.max(0, endMs - startMs);
    },
  };
}
