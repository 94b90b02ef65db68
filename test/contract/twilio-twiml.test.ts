import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';
import { parseXml } from '../../services/caller/adapters/twiml-xml.ts';
import { parseTwiml } from '../../services/caller/domain/twiml.ts';

const read = (response: InstanceType<typeof VoiceResponse>) => parseTwiml(parseXml(response.toString()));

test('the document of a media-stream bot, made by the twilio package, is read', () => {
  const response = new VoiceResponse();
  const stream = response.connect({ action: '/after' }).stream({
    url: 'wss://bot.example/media',
    name: 'voice',
    statusCallback: 'https://bot.example/stream-status',
    statusCallbackMethod: 'POST',
  });
  stream.parameter({ name: 'token', value: 'a<b>&"c"' });
  response.hangup();
  expect(read(response)).toEqual([
    {
      verb: 'Connect',
      stream: {
        url: 'wss://bot.example/media',
        name: 'voice',
        parameters: { token: 'a<b>&"c"' },
        statusCallback: { url: 'https://bot.example/stream-status', method: 'POST' },
      },
      action: { url: '/after', method: 'POST' },
    },
    { verb: 'Hangup' },
  ]);
});

test('every verb that the line goes through is read as the twilio package writes it', () => {
  const response = new VoiceResponse();
  response.say({ voice: 'alice', language: 'fr-FR', loop: 2 }, 'Bonjour à tous & bienvenue');
  response.pause({ length: 3 });
  response.play({ loop: 0 }, 'https://bot.example/hello.wav');
  const gather = response.gather({
    input: ['dtmf', 'speech'],
    numDigits: 4,
    finishOnKey: '*',
    timeout: 7,
    action: '/g',
  });
  gather.say('Press');
  gather.pause({ length: 1 });
  gather.play({ digits: '12' });
  response.dial({ timeout: 15, action: '/d' }).number('+33199000000');
  response.dial('+33199000000');
  response.dial().sip('sip:a@bot.example');
  response.dial().client('joey');
  response.redirect({ method: 'GET' }, '/next?a=1&b=2');
  response.reject({ reason: 'busy' });
  expect(read(response).map((verb) => verb.verb)).toEqual([
    'Say',
    'Pause',
    'Play',
    'Gather',
    'Dial',
    'Dial',
    'Dial',
    'Dial',
    'Redirect',
    'Reject',
  ]);
});

test('speech markup within Say is read for its words', () => {
  const response = new VoiceResponse();
  const say = response.say('Attendez ');
  say.break({ time: '1s' });
  say.emphasis({ level: 'strong' }, 'un instant');
  expect(read(response)).toMatchObject([{ verb: 'Say', text: 'Attendez un instant' }]);
});

test('no attribute that the twilio package can write on these verbs is refused', () => {
  const file = createRequire(import.meta.url)
    .resolve('twilio/lib/twiml/VoiceResponse.js')
    .replace(/js$/, 'd.ts');
  const types = readFileSync(file, 'utf8');
  const verbs = { Say: 'Say', Pause: 'Pause', Play: 'Play', Redirect: 'Redirect', Gather: 'Gather', Dial: 'Dial' };
  for (const [element, name] of Object.entries(verbs)) {
    const body = new RegExp(`interface ${name}Attributes[^{]*\\{([^}]*)\\}`).exec(types)?.[1] ?? '';
    const attributes = [...body.matchAll(/^\s+(\w+)\?:/gm)].map((match) => match[1]);
    expect(attributes.length).toBeGreaterThan(0);
    for (const attribute of attributes) {
      const value = { method: 'POST', input: 'dtmf' }[attribute ?? ''] ?? '1';
      expect(() =>
        parseTwiml(parseXml(`<Response><${element} ${attribute}="${value}">x</${element}></Response>`)),
      ).not.toThrow(`has no attribute ${attribute}`);
    }
  }
});
