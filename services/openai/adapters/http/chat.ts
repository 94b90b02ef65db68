import type { Request, Response } from 'express';
import { type ChatAnswer, generateAnswer } from '../../domain/chat/answer.ts';
import { type ChatRequest, parseChatRequest } from '../../domain/chat/request.ts';
import { createToken } from '../../domain/random.ts';
import type { Standin } from '../../domain/standin.ts';
import { formatEvent, type Piece, sendPieces, sendWhole } from './answer.ts';
import { type Exchange, openExchange } from './exchange.ts';

type Frame = { readonly id: string; readonly created: number; readonly model: string };

function toolCall(standin: Standin, name: string) {
  return { id: `call_${createToken(standin.random, 24)}`, type: 'function', function: { name, arguments: '{}' } };
}

function generateCompletion(frame: Frame, answer: ChatAnswer, standin: Standin): unknown {
  const message = {
    role: 'assistant',
    content: answer.tool === null ? answer.pieces.join('') : null,
    ...(answer.tool === null ? {} : { tool_calls: [toolCall(standin, answer.tool)] }),
    refusal: null,
    annotations: [],
  };
  return {
    ...frame,
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: answer.finishReason }],
    usage: answer.usage,
    service_tier: 'default',
  };
}

function listDeltas(answer: ChatAnswer, standin: Standin): readonly unknown[] {
  if (answer.tool === null) {
    const start = { role: 'assistant', content: '', refusal: null };
    return [start, ...answer.pieces.map((content) => ({ content }))];
  }
  const { function: called, ...call } = toolCall(standin, answer.tool);
  return [
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ index: 0, ...call, function: { ...called, arguments: '' } }],
      refusal: null,
    },
    { tool_calls: [{ index: 0, function: { arguments: called.arguments } }] },
  ];
}

/** Milliseconds between the pieces: the pace of the profile, or what is left of a drawn total. */
function paceMs(exchange: Exchange, request: ChatRequest): number {
  const { tokensPerSecond } = exchange.standin.latencies.pace();
  return tokensPerSecond === 0 || request.schema ? 0 : 1_000 / tokensPerSecond;
}

function listChunks(exchange: Exchange, frame: Frame, request: ChatRequest, answer: ChatAnswer): readonly Piece[] {
  const chunk = (choices: readonly unknown[], usage: unknown) =>
    formatEvent({
      ...frame,
      object: 'chat.completion.chunk',
      service_tier: 'default',
      choices,
      ...(request.includesUsage ? { usage } : {}),
    });
  const choice = (delta: unknown, finishReason: string | null) => [
    { index: 0, delta, logprobs: null, finish_reason: finishReason },
  ];
  const step = paceMs(exchange, request);
  // The role comes with the first token, not a token's time before it.
  const deltas = listDeltas(answer, exchange.standin).map(
    (delta, index): Piece => ({
      data: chunk(choice(delta, null), null),
      atMs: exchange.latencyMs + Math.max(0, index - 1) * step,
    }),
  );
  const endMs = deltas.at(-1)?.atMs ?? exchange.latencyMs;
  const last = [
    chunk(choice({}, answer.finishReason), null),
    ...(request.includesUsage ? [chunk([], answer.usage)] : []),
  ];
  return [...deltas, { data: `${last.join('')}data: [DONE]\n\n`, atMs: endMs }];
}

/** POST /v1/chat/completions */
export async function serveChat(standin: Standin, request: Request, response: Response): Promise<void> {
  const startedAt = standin.clock.now();
  const parsed = parseChatRequest(request.body);
  const kind = parsed.schema ? 'extraction' : 'reply';
  const exchange = await openExchange(standin, response, { route: 'chat', kind, startedAt });
  const answer = generateAnswer(parsed, standin.promptCache);
  const frame = {
    id: `chatcmpl-${createToken(standin.random, 29)}`,
    created: standin.epochSeconds(),
    model: parsed.model,
  };
  const tokens = answer.usage.total_tokens;
  if (parsed.isStream) {
    const chunks = listChunks(exchange, frame, parsed, answer);
    return sendPieces(exchange, { contentType: 'text/event-stream; charset=utf-8', tokens }, chunks);
  }
  const latencyMs = exchange.latencyMs + Math.max(0, answer.pieces.length - 1) * paceMs(exchange, parsed);
  const body = JSON.stringify(generateCompletion(frame, answer, standin));
  return sendWhole({ ...exchange, latencyMs }, { contentType: 'application/json', tokens }, body);
}
