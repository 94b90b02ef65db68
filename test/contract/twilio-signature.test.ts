import fc from 'fast-check';
import webhooks from 'twilio/lib/webhooks/webhooks.js';
import { createSigner } from '../../services/caller/adapters/signature.ts';

const { getExpectedTwilioSignature, validateRequest } = webhooks;
const TOKEN = '0123456789abcdef0123456789abcdef';
const sign = createSigner(TOKEN);

test('the signature of any form is the one that the twilio package expects', () => {
  const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.array(fc.string(), { minLength: 1, maxLength: 3 }));
  const key = fc.oneof(fc.constantFrom('From', 'To', 'SipHeader_X[a]', '__proto'), fc.string({ minLength: 1 }));
  fc.assert(
    fc.property(fc.dictionary(key, value), fc.webUrl({ withQueryParameters: true }), (params, url) => {
      expect(sign(url, params)).toBe(getExpectedTwilioSignature(TOKEN, url, params));
    }),
  );
});

test('the twilio package accepts a signed webhook, and refuses it with one character changed', () => {
  const url = 'https://bot.example/voice?x=1';
  const params = { From: '+33199001234', CallSid: 'CA1', Empty: '', Accents: 'é à ü' };
  expect(validateRequest(TOKEN, sign(url, params), url, params)).toBe(true);
  expect(validateRequest(TOKEN, sign(url, params), url, { ...params, From: '+33199001235' })).toBe(false);
  expect(validateRequest(TOKEN, createSigner('other')(url, params), url, params)).toBe(false);
});

test('the twilio package accepts the signature of a media stream over its wss address', () => {
  const url = 'wss://bot.example/media';
  expect(validateRequest(TOKEN, sign(url, {}), url, {})).toBe(true);
  expect(validateRequest(TOKEN, sign(url, {}), 'https://bot.example/media', {})).toBe(false);
});

test('behind a public address the signature is made over that address', () => {
  const behind = createSigner(TOKEN, 'https://bot.example');
  expect(behind('http://127.0.0.1:3000/voice?a=1', { A: 'b' })).toBe(sign('https://bot.example/voice?a=1', { A: 'b' }));
  expect(behind('ws://127.0.0.1:3000/media', {})).toBe(sign('ws://127.0.0.1:3000/media', {}));
});
