import { z } from 'zod';
import { modulate } from '../../../line/modem.ts';
import { type ApiError, createBadRequest, createMissingParameter } from '../api-error.ts';
import { parseModel } from '../models.ts';
import { createResampler } from './resample.ts';
import { createWavHeader } from './wav.ts';

/** A speech request after validation. */
export type SpeechRequest = { readonly input: string; readonly format: 'pcm' | 'wav'; readonly isSse: boolean };

const SPEECH_RATE_HZ = 24_000;
const LINE_RATE_HZ = 8_000;
const LONGEST_INPUT = 4_096;
/** Milliseconds of audio in a chunk. */
export const SPEECH_CHUNK_MS = 100;

const FORMATS = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'] as const;

const bodySchema = z.looseObject({
  input: z.string().min(1),
  voice: z.union([z.string().min(1), z.looseObject({ id: z.string() })]),
  instructions: z.string().nullish(),
  response_format: z.enum(FORMATS).default('mp3'),
  speed: z.number().min(0.25).max(4).nullish(),
  stream_format: z.enum(['sse', 'audio']).default('audio'),
});

function createRefusal(value: unknown, error: z.ZodError): ApiError {
  const issue = error.issues[0];
  const param = String(issue?.path[0] ?? 'input');
  const given =
    value !== null && typeof value === 'object' && Object.entries(value).find(([key]) => key === param)?.[1];
  if (given === undefined || given === false) return createMissingParameter(param);
  if (param === 'response_format' || param === 'stream_format') {
    const allowed = param === 'response_format' ? FORMATS : ['sse', 'audio'];
    const list = allowed.map((name) => `'${name}'`).join(', ');
    return createBadRequest(
      `Invalid value: '${String(given)}'. Supported values are: ${list}.`,
      param,
      'invalid_value',
    );
  }
  return createBadRequest(`Invalid '${param}': ${issue?.message ?? 'not allowed'}.`, param, 'invalid_value');
}

/** Checks a body of /audio/speech. Voice, instructions and speed are accepted and change nothing. @throws ApiError 400 or 404. */
export function parseSpeechRequest(value: unknown): SpeechRequest {
  const body = value !== null && typeof value === 'object' ? { model: undefined, ...value } : { model: undefined };
  const model = parseModel(body.model, 'speech').id;
  const parsed = bodySchema.safeParse(value);
  if (!parsed.success) throw createRefusal(value, parsed.error);
  const { input, response_format: format, stream_format: streamFormat } = parsed.data;
  if (input.length > LONGEST_INPUT)
    throw createBadRequest(
      `Invalid 'input': string too long. Expected a string with maximum length ${LONGEST_INPUT}, but got a string with length ${input.length} instead.`,
      'input',
      'string_above_max_length',
    );
  if (format !== 'pcm' && format !== 'wav')
    throw createBadRequest(
      `This stand-in speaks 'pcm' (24 kHz, 16 bit, mono) and 'wav' only, not '${format}'. Set response_format to one of them.`,
      'response_format',
      'unsupported_format',
    );
  if (streamFormat === 'sse' && model.startsWith('tts-1'))
    throw createBadRequest(
      `stream_format 'sse' is not supported with model '${model}'.`,
      'stream_format',
      'unsupported_value',
    );
  return { input, format, isSse: streamFormat === 'sse' };
}

const upsampler = createResampler(LINE_RATE_HZ, SPEECH_RATE_HZ);

/**
 * The agent's voice saying `input`, as PCM16 little-endian at 24 kHz in chunks of 100 ms, each made when it is asked for, so that
 * the first byte does not wait for the last; the first chunk starts with a header for `wav`.
 */
export function generateSpeech({ input, format }: SpeechRequest): readonly (() => Uint8Array)[] {
  const samples = modulate(input, { voice: 'agent' });
  const length = upsampler.lengthOf(samples);
  const size = (SPEECH_RATE_HZ * SPEECH_CHUNK_MS) / 1_000;
  return Array.from({ length: Math.ceil(length / size) }, (_, index) => () => {
    const part = upsampler.part(samples, index * size, Math.min(length, (index + 1) * size));
    const bytes = new Uint8Array(part.buffer);
    return index === 0 && format === 'wav' ? Buffer.concat([createWavHeader(SPEECH_RATE_HZ), bytes]) : bytes;
  });
}
