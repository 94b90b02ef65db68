import type { Request, Response } from 'express';
import { createBadRequest, createMissingParameter } from '../../domain/api-error.ts';
import { type Hearing, hear } from '../../domain/audio/hearing.ts';
import { splitTokens } from '../../domain/chat/tokens.ts';
import { detectLanguage } from '../../domain/dialogue/language.ts';
import { parseModel } from '../../domain/models.ts';
import type { Standin } from '../../domain/standin.ts';
import { formatEvent, type Piece, sendPieces, sendWhole } from './answer.ts';
import { type Exchange, openExchange } from './exchange.ts';

type Form = { readonly model: string; readonly format: string; readonly isStream: boolean; readonly hearing: Hearing };

/** The share of the latency after which a streamed transcript begins. */
const FIRST_DELTA = 0.6;

function parseFormat(value: unknown, model: string): string {
  const format = typeof value === 'string' && value !== '' ? value : 'json';
  if (!['json', 'text', 'srt', 'verbose_json', 'vtt', 'diarized_json'].includes(format))
    throw createBadRequest(
      `Invalid value: '${format}'. Supported values are: 'json', 'text', 'srt', 'verbose_json', 'vtt', and 'diarized_json'.`,
      'response_format',
      'invalid_value',
    );
  if (format === 'json' || format === 'text' || (format === 'verbose_json' && model === 'whisper-1')) return format;
  throw createBadRequest(
    `response_format '${format}' is not compatible with model '${model}'. Use 'json' or 'text' instead.`,
    'response_format',
    'unsupported_value',
  );
}

async function parseForm(request: Request): Promise<Form> {
  const type = request.headers['content-type'] ?? '';
  if (!Buffer.isBuffer(request.body)) throw createBadRequest('Could not parse multipart form');
  // Copied into a plain array: a Buffer may look into memory that is shared.
  const form = await new globalThis.Response(new Uint8Array(request.body), { headers: { 'content-type': type } })
    .formData()
    .catch(() => {
      throw createBadRequest('Could not parse multipart form');
    });
  const model = parseModel(form.get('model'), 'transcription').id;
  const format = parseFormat(form.get('response_format'), model);
  const file = form.get('file');
  if (file === null || typeof file === 'string') throw createMissingParameter('file');
  const hearing = hear(file.name, new Uint8Array(await file.arrayBuffer()));
  return { model, format, isStream: form.get('stream') === 'true' && model !== 'whisper-1', hearing };
}

function describe({ model, hearing }: Form) {
  const code = detectLanguage(hearing.text);
  return {
    text: hearing.text,
    ...(model === 'gpt-transcribe' ? { languages: code === null ? [] : [{ code }] } : {}),
    usage: { type: 'duration', seconds: Math.ceil(hearing.durationMs / 1_000) },
  };
}

function describeVerbose(form: Form) {
  const { text, durationMs, confidence } = form.hearing;
  const seconds = Math.round(durationMs) / 1_000;
  const segment = {
    id: 0,
    seek: 0,
    start: 0,
    end: seconds,
    text,
    tokens: [],
    temperature: 0,
    avg_logprob: Math.log(Math.max(confidence, 0.001)),
    compression_ratio: 1,
    no_speech_prob: text === '' ? 1 : 0,
  };
  const language = detectLanguage(text) === 'fr' ? 'french' : 'english';
  return { task: 'transcribe', language, duration: seconds, ...describe(form), segments: text === '' ? [] : [segment] };
}

function listEvents(exchange: Exchange, form: Form): readonly Piece[] {
  const words = splitTokens(form.hearing.text);
  const first = exchange.latencyMs * FIRST_DELTA;
  const step = (exchange.latencyMs - first) / Math.max(1, words.length);
  return [
    ...words.map((delta, index) => ({
      data: formatEvent({ type: 'transcript.text.delta', delta }),
      atMs: first + index * step,
    })),
    { data: formatEvent({ type: 'transcript.text.done', ...describe(form) }), atMs: exchange.latencyMs },
  ];
}

/** POST /v1/audio/transcriptions */
export async function serveTranscription(standin: Standin, request: Request, response: Response): Promise<void> {
  const startedAt = standin.clock.now();
  const form = await parseForm(request);
  const exchange = await openExchange(standin, response, { route: 'transcriptions', kind: 'transcription', startedAt });
  if (form.isStream)
    return sendPieces(exchange, { contentType: 'text/event-stream; charset=utf-8' }, listEvents(exchange, form));
  if (form.format === 'text')
    return sendWhole(exchange, { contentType: 'text/plain; charset=utf-8' }, `${form.hearing.text}\n`);
  const body = form.format === 'verbose_json' ? describeVerbose(form) : describe(form);
  return sendWhole(exchange, { contentType: 'application/json' }, JSON.stringify(body));
}
