import type { Request, Response } from 'express';
import { generateSpeech, parseSpeechRequest, SPEECH_CHUNK_MS, type SpeechRequest } from '../../domain/audio/speech.ts';
import { splitTokens } from '../../domain/chat/tokens.ts';
import type { Standin } from '../../domain/standin.ts';
import { formatEvent, type Piece, sendPieces } from './answer.ts';
import { type Exchange, openExchange } from './exchange.ts';

/** Audio tokens a second, for the usage of the event stream. */
const AUDIO_TOKENS_PER_SECOND = 20;

function listPieces(exchange: Exchange, speech: SpeechRequest): readonly Piece[] {
  const { speechRate } = exchange.standin.latencies.pace();
  const stepMs = speechRate === 0 ? 0 : SPEECH_CHUNK_MS / speechRate;
  const chunks = generateSpeech(speech);
  const pieces = chunks.map(
    (chunk, index): Piece => ({
      data: speech.isSse
        ? () => formatEvent({ type: 'speech.audio.delta', audio: Buffer.from(chunk()).toString('base64') })
        : chunk,
      atMs: exchange.latencyMs + index * stepMs,
    }),
  );
  if (!speech.isSse) return pieces;
  const input = splitTokens(speech.input).length;
  const output = Math.ceil((chunks.length * SPEECH_CHUNK_MS * AUDIO_TOKENS_PER_SECOND) / 1_000);
  const usage = { input_tokens: input, output_tokens: output, total_tokens: input + output };
  const done = { data: formatEvent({ type: 'speech.audio.done', usage }), atMs: pieces.at(-1)?.atMs ?? 0 };
  return [...pieces, done];
}

/** POST /v1/audio/speech */
export async function serveSpeech(standin: Standin, request: Request, response: Response): Promise<void> {
  const startedAt = standin.clock.now();
  const speech = parseSpeechRequest(request.body);
  const exchange = await openExchange(standin, response, { route: 'speech', kind: 'speech', startedAt });
  const audioType = speech.format === 'wav' ? 'audio/wav' : 'audio/pcm';
  const contentType = speech.isSse ? 'text/event-stream; charset=utf-8' : audioType;
  return sendPieces(exchange, { contentType }, listPieces(exchange, speech));
}
