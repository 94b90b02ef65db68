const { createServer } = require('node:http');
const express = require('express');
const twilio = require('twilio');
const { WebSocket, WebSocketServer } = require('ws');

const { PORT = '8080', PUBLIC_BASE_URL, TWILIO_AUTH_TOKEN, OPENAI_API_KEY } = process.env;
const { OPENAI_BASE_URL = 'https://api.openai.com/v1' } = process.env;
const REALTIME_URL = `${OPENAI_BASE_URL.replace(/^http/, 'ws')}/realtime?model=gpt-realtime-2.1-mini`;
const FORMAT = { type: 'audio/pcmu' };
const SESSION = {
  type: 'realtime',
  instructions: 'You answer the telephone of a plumber. Reply in one or two short sentences, in English.',
  audio: {
    input: { format: FORMAT, transcription: { model: 'gpt-transcribe' }, turn_detection: { type: 'server_vad' } },
    output: { format: FORMAT, voice: 'marin' },
  },
};

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
sockets.on('connection', (line) => {
  const model = new WebSocket(REALTIME_URL, { headers: { authorization: `Bearer ${OPENAI_API_KEY}` } });
  const send = (socket, message) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
  let streamSid;
  line.on('error', console.error);
  model.on('error', console.error);

  model.on('open', () => send(model, { type: 'session.update', session: SESSION }));
  model.on('message', (data) => {
    const event = JSON.parse(data);
    if (event.type === 'session.updated')
      send(model, { type: 'response.create', response: { instructions: 'Say exactly: Hello, how can I help you?' } });
    else if (event.type === 'response.output_audio.delta')
      send(line, { event: 'media', streamSid, media: { payload: event.delta } });
    else if (event.type === 'response.output_audio.done')
      send(line, { event: 'mark', streamSid, mark: { name: event.item_id } });
    else if (event.type === 'input_audio_buffer.speech_started') send(line, { event: 'clear', streamSid });
    else if (event.type === 'error') console.error(event.error.message);
  });
  model.on('close', () => line.close());

  line.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.event === 'start') {
      streamSid = message.streamSid;
      console.log('call started');
    } else if (message.event === 'media')
      send(model, { type: 'input_audio_buffer.append', audio: message.media.payload });
  });
  line.on('close', () => {
    console.log('call ended');
    model.close();
  });
});

server.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
