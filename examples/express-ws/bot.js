import { createServer } from 'node:http';
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
import express from 'express';
import OpenAI from 'openai';
import twilio from 'twilio';
import { WebSocketServer } from 'ws';
import { Conversation } from '../shared-bot/conversation.js';

const { PORT = '8080', PUBLIC_BASE_URL, TWILIO_AUTH_TOKEN } = process.env;
const callspan = createCallspan();
const webhooks = createWebhookTracing(callspan);
const openai = new OpenAI({ fetch: createTracedFetch(fetch, { callspan }) });
const app = express();
const server = createServer(app);
const baseUrl = () => PUBLIC_BASE_URL ?? `http://127.0.0.1:${server.address().port}`;
const mediaUrl = () => `${baseUrl().replace(/^http/, 'ws')}/media`;
const isSigned = (request, url, form = {}) =>
  !TWILIO_AUTH_TOKEN ||
  twilio.validateRequest(TWILIO_AUTH_TOKEN, request.headers['x-twilio-signature'] ?? '', url, form);

ownWebhookSpans(server);
app.use(webhooks.arrived, express.urlencoded({ extended: false }), (request, response, next) => {
  if (isSigned(request, baseUrl() + request.originalUrl, request.body)) next();
  else response.status(403).end();
});

// 1. The webhook's span is the root; its traceparent travels to the stream.
app.post('/voice', (request, response) => {
  const next = (span) => {
    const twiml = new twilio.twiml.VoiceResponse();
    const stream = twiml.connect().stream({ url: mediaUrl() });
    stream.parameter({ name: 'traceparent', value: traceparentOf(span) });
    response.type('text/xml').send(twiml.toString());
  };
  webhooks.place(request, response, { callSid: request.body.CallSid, place: 'root', next });
});

// Only Twilio reaches the stream: nobody else can choose a traceparent.
const verifyClient = ({ req }) => isSigned(req, mediaUrl());
new WebSocketServer({ server, path: '/media', verifyClient }).on('connection', (socket) => {
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

server.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
process.once('SIGTERM', async () => {
  callspan.endAll('shutdown', 'interrupted');
  await shutdownTelemetry();
  process.exit(0);
});
