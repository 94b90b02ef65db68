import { createBadRequest, createModelNotFound } from './api-error.ts';

/** `live`: transcribes over the Realtime API only, and finds no turns by itself. */
export type ModelKind = 'transcription' | 'live' | 'realtime' | 'chat' | 'speech';

/** A model that this stand-in answers for; dates as in the type comments of the openai package 7.55. */
export type ModelEntry = { readonly id: string; readonly kind: ModelKind; readonly shutdownDate: string | null };

const entry = (kind: ModelKind, shutdownDate: string | null, ids: readonly string[]): readonly ModelEntry[] =>
  ids.map((id) => ({ id, kind, shutdownDate }));

/** Every model with its kind. */
export const MODELS: readonly ModelEntry[] = [
  ...entry('transcription', null, ['gpt-transcribe']),
  ...entry('transcription', '2027-02-26', [
    'whisper-1',
    'gpt-4o-transcribe',
    'gpt-4o-mini-transcribe',
    'gpt-4o-mini-transcribe-2025-12-15',
  ]),
  ...entry('live', null, ['gpt-live-transcribe', 'gpt-realtime-whisper']),
  ...entry('realtime', null, ['gpt-realtime-2.1', 'gpt-realtime-2.1-mini', 'gpt-realtime-2', 'gpt-realtime-1.5']),
  ...entry('realtime', '2027-01-20', ['gpt-realtime', 'gpt-realtime-mini']),
  ...entry('chat', null, [
    'gpt-6-astra',
    'gpt-6.1-sol',
    'gpt-6.1-terra',
    'gpt-6-sol',
    'gpt-6-luna',
    'gpt-5.6-sol',
    'gpt-5.6-terra',
    'gpt-5.6-luna',
    'gpt-5.4-mini',
    'gpt-5.4-nano',
  ]),
  ...entry('chat', '2026-12-11', ['gpt-5', 'gpt-5-mini', 'gpt-5-nano']),
  ...entry('chat', '2027-01-14', ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1', 'gpt-4.1-mini', 'gpt-4.1-nano']),
  ...entry('speech', '2027-01-06', ['tts-1', 'tts-1-hd', 'gpt-4o-mini-tts', 'gpt-4o-mini-tts-2025-12-15']),
  // What OpenAI-compatible speech servers call theirs: the vendor's own speech models end in January 2027.
  ...entry('speech', null, ['kokoro']),
];

/** The model called `id` of that kind. @throws ApiError 400 when none is named, 404 when it is unknown. */
export function parseModel(id: unknown, kind: ModelKind): ModelEntry {
  if (typeof id !== 'string' || id === '') throw createBadRequest('you must provide a model parameter');
  const found = MODELS.find((model) => model.id === id && model.kind === kind);
  if (!found) throw createModelNotFound(id);
  return found;
}

/** The model called `id` when it is of one of those kinds; null otherwise. */
export function findModel(id: string | null, kinds: readonly ModelKind[]): ModelEntry | null {
  return MODELS.find((model) => model.id === id && kinds.includes(model.kind)) ?? null;
}
