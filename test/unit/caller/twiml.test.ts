import { parseXml } from '../../../services/caller/adapters/twiml-xml.ts';
import { TwilioFault } from '../../../services/caller/domain/fault.ts';
import { parseTwiml } from '../../../services/caller/domain/twiml.ts';

const read = (inside: string) =>
  parseTwiml(parseXml(`<?xml version="1.0" encoding="UTF-8"?><Response>${inside}</Response>`));
const stream = (url: string, more = '') => `<Connect><Stream url="${url}"${more}/></Connect>`;

function codeOf(run: () => unknown): number | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof TwilioFault) return error.code;
    throw error;
  }
  return undefined;
}

test.each([
  ['an unclosed element', '<Response><Say>Hello</Response>'],
  ['an unquoted attribute', '<Response><Pause length=1/></Response>'],
  ['a bare ampersand', '<Response><Say>you & me</Say></Response>'],
  ['a space before the declaration', ' <?xml version="1.0"?><Response/>'],
  ['an undefined entity', '<Response><Say>&nbsp;</Say></Response>'],
  ['text after the root', '<Response/>more'],
  ['nothing', ''],
  ['a DOCTYPE', '<!DOCTYPE r [<!ENTITY a "b">]><Response/>'],
])('%s is 12100', (_name, text) => {
  expect(codeOf(() => parseXml(text))).toBe(12100);
});

test('another root element is 12102', () => {
  expect(codeOf(() => parseTwiml(parseXml('<response/>')))).toBe(12102);
});

test.each([
  ['an unknown verb', '<Speak>Hello</Speak>'],
  ['a verb in the wrong case', '<hangup/>'],
  ['an unknown attribute', '<Say speed="2">Hello</Say>'],
  ['a noun as verb', '<Stream url="wss://bot.example/media"/>'],
  ['a verb within a verb', '<Say><Hangup/></Say>'],
  ['text in Response', 'Hello'],
  ['text beside a verb', 'Hello<Hangup/>'],
  ['an empty Connect', '<Connect/>'],
  ['an empty Start', '<Start/>'],
  ['a track that there is not', '<Start><Stream url="wss://bot.example/media" track="all"/></Start>'],
  ['two streams', '<Connect><Stream url="wss://a.example/"/><Stream url="wss://b.example/"/></Connect>'],
  ['an outbound track on Connect', stream('wss://bot.example/media', ' track="outbound_track"')],
  ['a nameless parameter', '<Connect><Stream url="wss://b.example/"><Parameter value="1"/></Stream></Connect>'],
  [
    'a parameter of 500 characters',
    `<Connect><Stream url="wss://b.example/"><Parameter name="t" value="${'x'.repeat(499)}"/></Stream></Connect>`,
  ],
  ['a pause of half a second', '<Pause length="0.5"/>'],
  ['another method', '<Redirect method="PUT">/next</Redirect>'],
  ['another reason', '<Reject reason="tired"/>'],
  ['another input', '<Gather input="thought"/>'],
])('%s is 12200', (_name, inside) => {
  expect(codeOf(() => read(inside))).toBe(12200);
});

test.each(['ws://bot.example/media', 'https://bot.example/media', '/media', ''])(
  'the stream address %p is 31922',
  (url) => {
    expect(codeOf(() => read(stream(url)))).toBe(31922);
  },
);

test.each(['ws://127.0.0.1:3000/media', 'ws://localhost/media', 'ws://[::1]:1/media', 'wss://bot.example:8443/media'])(
  'the stream address %s is dialled',
  (url) => {
    expect(read(stream(url))).toMatchObject([{ verb: 'Connect', stream: { url } }]);
  },
);

test('the query string of a stream is dropped, as Twilio drops it', () => {
  expect(read(stream('wss://bot.example/media?token=1#x'))).toMatchObject([
    { stream: { url: 'wss://bot.example/media' } },
  ]);
});

test('verbs come out in order with their values', () => {
  const verbs = read(`
    <Say voice="alice" language="fr-FR">Bonjour <emphasis>à</emphasis> tous</Say><Pause/><Play digits="1w2"/>
    <Gather input="dtmf speech" numDigits="1" timeout="3" action="/keys"><Say>One or two?</Say></Gather>
    <Dial timeout="10" action="/dialled"><Number>+33199000000</Number></Dial>
    <Record/><Redirect method="GET">/next?a=1&amp;b=2</Redirect><Reject reason="busy"/><Hangup/>`);
  expect(verbs).toMatchObject([
    { verb: 'Say', text: 'Bonjour à tous', loop: 1 },
    { verb: 'Pause', lengthMs: 1000 },
    { verb: 'Play', digits: '1w2' },
    {
      verb: 'Gather',
      hearsSpeech: true,
      hearsDigits: true,
      numDigits: 1,
      timeoutMs: 3000,
      action: { url: '/keys', method: 'POST' },
    },
    { verb: 'Dial', timeoutMs: 10_000, action: { url: '/dialled' } },
    { verb: 'PassedOver', name: 'Record' },
    { verb: 'Redirect', target: { url: '/next?a=1&b=2', method: 'GET' } },
    { verb: 'Reject', reason: 'busy' },
    { verb: 'Hangup' },
  ]);
});
