import { metrics } from '@opentelemetry/api';
import { shutdownTelemetry } from 'callspan';
import express from 'express';
import twilio from 'twilio';

// A metric of one's own: the preload has started the SDK, everything goes where the kit's metrics go.
const questions = metrics.getMeter('plumber').createCounter('plumber.questions', { unit: '{question}' });
for (const about of ['price', 'other']) questions.add(0, { about });

const app = express().use(express.urlencoded({ extended: false }));

app.post('/voice', (_request, response) => {
  const twiml = new twilio.twiml.VoiceResponse();
  twiml.gather({ input: 'speech', action: '/question' }).say('What would you like to know?');
  response.type('text/xml').send(twiml.toString());
});

app.post('/question', (request, response) => {
  const about = /how much|price/i.test(request.body.SpeechResult) ? 'price' : 'other';
  questions.add(1, { about });
  const twiml = new twilio.twiml.VoiceResponse();
  twiml.say(about === 'price' ? 'A visit is eighty pounds.' : 'Somebody will call you back.');
  response.type('text/xml').send(twiml.toString());
});

const server = app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () =>
  console.log(`listening on http://127.0.0.1:${server.address().port}`),
);
process.once('SIGTERM', async () => {
  await shutdownTelemetry();
  process.exit(0);
});
