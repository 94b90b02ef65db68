import formbody from '@fastify/formbody';
import websocket from '@fastify/websocket';
import { context } from '@opentelemetry/api';
import {
  createCallspan,
  createTracedFetch,
  createWebhookTracing,
  ownWebhookSpans,
  shutdownTelemetry,
  tapMediaStream,
  traceparentOf,
} from 'callspan';
import Fastify from 'fastify';
import OpenAI from 'openai';
import twilio from 'twilio';
import { Conversation } from '../shared-bot/conversation.js';

const { PORT = '8080', PUBLIC_BASE_URL, TWILIO_AUTH_TOKEN } = process.env;
const callspan = createCallspan();
const webhooks = createWebhookTracing(callspan);
const openai = new OpenAI({ fetch: createTracedFetch(fetch, { callspan }) });
const fastify = Fastify();
const baseUrl = () => PUBLIC_BASE_URL ?? `http://127.0.0.1:${fastify.server.address().port}`;
const mediaUrl = () => `${baseUrl().replace(/^http/, 'ws')}/media`;
const isSigned = ({ headers }, url, form = {}) =>
  !TWILIO_AUTH_TOKEN || twilio.validateRequest(TWILIO_AUTH_TOKEN, headers['x-twilio-signature'] ?? '', url, form);

ownWebhookSpans(fastify.server);
fastify.addHook('onRequest', (request, reply, done) => webhooks.arrived(request.raw, reply.raw, done));
await fastify.register(formbody);
await fastify.register(websocket);

// Only Twilio reaches webhook and stream: nobody else can choose a traceparent.
fastify.addHook('preValidation', async (request, reply) => {
  const url = request.ws ? mediaUrl() : baseUrl() + request.url;
  if (!isSigned(request, url, request.body)) await reply.code(403).send();
});

// 1. The webhook's span is the root; its traceparent travels to the stream.
fastify.post('/voice', (request, reply) => {
  const next = (span) => {
    const twiml = new twilio.twiml.VoiceResponse();
    const stream = twiml.connect().stream({ url: mediaUrl() });
    stream.parameter({ name: 'traceparent', value: traceparentOf(span) });
    return reply.type('text/xml').send(twiml.toString());
  };
  webhooks.place(request.raw, reply.raw, { callSid: request.body.CallSid, place: 'root', next });
});

fastify.get('/media', { websocket: true }, (socket) => {
  let call;
  let conversation;
  socket.on('error', console.error);
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.event === 'start') {
      call = start(socket, message);
      conversation = answer(socket, message, call);
    } else if (message.event === 'media') conversation?.hear(message.media.payload);
    else if (message.event === 'mark') conversation?.played(message.mark.name);
  });
  socket.on('close', () => {
    conversation?.close();
    call?.end({ reason: 'caller_hangup', outcome: 'no_record' });
  });
});

// 2. A call, and the tap that measures waits on the clock of its media stream.
function start(socket, { streamSid, start: { callSid, accountSid, customParameters } }) {
  const call = callspan.startCall({ callSid, streamSid, accountSid, traceparent: customParameters.traceparent });
  tapMediaStream(callspan, call, socket);
  return call;
}

// 3. Its turns: what runs in the context of a turn belongs to it, the calls of models by themselves.
function answer(socket, { streamSid }, call) {
  const startTurn = (index) => {
    const turn = call.startTurn(index);
    return { committed: turn.committed, end: turn.end, run: (work) => context.with(turn.context, work) };
  };
  const conversation = new Conversation({ openai, socket, streamSid, startTurn });
  conversation.greet();
  return conversation;
}

await fastify.listen({ port: Number(PORT), host: '127.0.0.1' });
console.log(`listening on http://127.0.0.1:${fastify.server.address().port}`);
process.once('SIGTERM', async () => {
  callspan.endAll('shutdown', 'interrupted');
  await shutdownTelemetry();
  process.exit(0);
});
