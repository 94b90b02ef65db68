import type { Request, Response } from 'express';
import { generateAnswer } from '../../domain/chat/answer.ts';
import type { Message } from '../../domain/chat/messages.ts';
import { createToken } from '../../domain/random.ts';
import { answerMessage, type BuiltResponse, buildResponse, type ResponseFrame } from '../../domain/responses/answer.ts';
import { checkToolOutputs } from '../../domain/responses/input.ts';
import { parseResponsesRequest, type ResponsesRequest } from '../../domain/responses/request.ts';
import type { Standin } from '../../domain/standin.ts';
import { type Piece, sendPieces, sendWhole } from './answer.ts';
import { type Exchange, openExchange } from './exchange.ts';

/** The share of the latency after which a stream says that the response was created. */
const CREATED = 0.25;

function createFrame(standin: Standin): ResponseFrame {
  const token = () => createToken(standin.random, 48).toLowerCase();
  return {
    id: `resp_${token()}`,
    messageId: `msg_${token()}`,
    functionCallId: `fc_${token()}`,
    reasoningId: `rs_${token()}`,
    callId: `call_${createToken(standin.random, 24)}`,
    createdAt: standin.epochSeconds(),
  };
}

/** The talk up to now; instructions of earlier requests are not carried over. @throws ApiError 400 or 404 */
function collectTalk(standin: Standin, { input, previousId }: ResponsesRequest): readonly Message[] {
  const talk = [...(previousId === null ? [] : standin.responses.find(previousId).messages), ...input];
  checkToolOutputs(talk);
  return talk;
}

function stepMs(exchange: Exchange, request: ResponsesRequest): number {
  const { tokensPerSecond } = exchange.standin.latencies.pace();
  return tokensPerSecond === 0 || request.question.schema ? 0 : 1_000 / tokensPerSecond;
}

function listPieces(exchange: Exchange, request: ResponsesRequest, { events }: BuiltResponse): readonly Piece[] {
  const step = stepMs(exchange, request);
  let tokens = 0;
  return events.map(({ isToken, ...event }, index): Piece => {
    const isStart = event.type === 'response.created' || event.type === 'response.in_progress';
    if (isToken) tokens += 1;
    return {
      data: `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: index })}\n\n`,
      atMs: isStart ? exchange.latencyMs * CREATED : exchange.latencyMs + Math.max(0, tokens - 1) * step,
    };
  });
}

/** POST /v1/responses */
export async function serveResponse(standin: Standin, request: Request, response: Response): Promise<void> {
  const startedAt = standin.clock.now();
  const parsed = parseResponsesRequest(request.body);
  const talk = collectTalk(standin, parsed);
  const question = { ...parsed.question, messages: [...parsed.instructions, ...talk] };
  const kind = question.schema ? 'extraction' : 'reply';
  const exchange = await openExchange(standin, response, { route: 'responses', kind, startedAt });
  const answer = generateAnswer(question, standin.promptCache);
  const frame = createFrame(standin);
  const built = buildResponse(parsed, answer, frame);
  const messages = [...talk, answerMessage(answer, frame)];
  if (parsed.isStored) standin.responses.save(frame.id, { response: built.response, messages });
  const tokens = answer.usage.total_tokens;
  if (parsed.isStream) {
    const head = { contentType: 'text/event-stream; charset=utf-8', tokens };
    return sendPieces(exchange, head, listPieces(exchange, parsed, built));
  }
  const latencyMs = exchange.latencyMs + Math.max(0, answer.pieces.length - 1) * stepMs(exchange, parsed);
  return sendWhole(
    { ...exchange, latencyMs },
    { contentType: 'application/json', tokens },
    JSON.stringify(built.response),
  );
}
