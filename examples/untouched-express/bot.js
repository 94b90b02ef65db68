import { createServer } from 'node:http';
import express from 'express';
import OpenAI from 'openai';
import twilio from 'twilio';
import { WebSocketServer } from 'ws';
import { Conversation } from '../shared-bot/conversation.js';

const { PORT = '8080', PUBLIC_BASE_URL, TWILIO_AUTH_TOKEN } = process.env;
const openai = new OpenAI();
const app = express();
const server = createServer(app);
const baseUrl = () => PUBLIC_BASE_URL ?? `http://127.0.0.1:${server.address().port}`;
const mediaUrl = () => `${baseUrl().replace(/^http/, 'ws')}/media`;
const isSigned = ({ headers }, url, form = {}) =>
  !TWILIO_AUTH_TOKEN || twilio.validateRequest(TWILIO_AUTH_TOKEN, headers['x-twilio-signature'] ?? '', url, form);

app.post('/voice', express.urlencoded({ extended: false }), (request, response) => {
  if (!isSigned(request, `${baseUrl()}/voice`, request.body)) return response.status(403).end();
  const twiml = new twilio.twiml.VoiceResponse();
  twiml.connect().stream({ url: mediaUrl() });
  return response.type('text/xml').send(twiml.toString());
});

const sockets = new WebSocketServer({ server, path: '/media', verifyClient: ({ req }) => isSigned(req, mediaUrl()) });
sockets.on('connection', (socket) => {
  let conversation;
  socket.on('error', console.error);
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.event === 'start') {
      console.log('call started');
      conversation = new Conversation({ openai, socket, streamSid: message.streamSid });
      conversation.greet();
    } else if (message.event === 'media') conversation?.hear(message.media.payload);
    else if (message.event === 'mark') conversation?.played(message.mark.name);
  });
  socket.on('close', () => {
    console.log('call ended');
    conversation?.close();
  });
});

server.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
