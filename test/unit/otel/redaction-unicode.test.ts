import { hashCaller } from 'callspan';
import { createRedactor } from '../../../otel/src/redaction/redactor.ts';

const KEY = 'key of the test';
const off = createRedactor({ level: 'off', hmacKey: KEY });
const PHONE = `<phone:${hashCaller('+33639981234', KEY)}>`;

test.each([
  ['tel\u200b0639981234', `tel\u200b${PHONE}`],
  ['r\u00e9f 12\u200b0639981234', `r\u00e9f 12\u200b${PHONE}`],
  ['key\u200bsk-proj-abcdefghijklmnop123', 'key\u200b<secret>'],
  ['id\u200bAKIAIOSFODNN7EXAMPLE', 'id\u200b<secret>'],
  ['see\u200bBearer abcdefgh12345', 'see\u200bBearer <secret>'],
  ['user\u200bpassword=hunter22x', 'user\u200bpassword=<secret>'],
  ['ip\u200b203.0.113.9', 'ip\u200b<ip>'],
  ['compte\u200bFR7630006000011234567890189', 'compte\u200b<iban>'],
  ['the key\u2014sk-proj-abcdefghijklmnop123', 'the key\u2014<secret>'],
  ['card\u20144111 1111 1111 1111\u2014expires', 'card\u2014<card>\u2014expires'],
  ['IBAN\u2014FR76 3000 6000 0112 3456 7890 189', 'IBAN\u2014<iban>'],
  ['mail\u2014jean@exemple.fr', 'mail\u2014<email>'],
  [
    '\u{1f468}\u200d\u{1f469}\u200d\u{1f467} 06 39 98 12 34 \u2013 \u201csoon\u201d',
    `\u{1f468}\u200d\u{1f469}\u200d\u{1f467} ${PHONE} \u2013 \u201csoon\u201d`,
  ],
])('what parts words keeps parting them: %j', (text, safe) => {
  expect(off.text(text)).toBe(safe);
});

test.each([
  '06\u30fc39\u30fc98\u30fc12\u30fc34',
  '06\ufe6339\ufe6398\ufe6312\ufe6334',
  '06\u204339\u204398\u204312\u204334',
  '06\u00b739\u00b798\u00b712\u00b734',
  '06 \u2013 39 \u2013 98 \u2013 12 \u2013 34',
  '06\u200e39\u200e98\u200e12\u200e34',
  '+33\u061c639981234',
  '0\ufe0f\u20e36\ufe0f\u20e33\ufe0f\u20e39\ufe0f\u20e39\ufe0f\u20e38\ufe0f\u20e31\ufe0f\u20e32\ufe0f\u20e33\ufe0f\u20e34',
  '\u{1d7ce}\u{1d7d4}\u{1d7d1}\u{1d7d7}\u{1d7d7}\u{1d7d6}\u{1d7cf}\u{1d7d0}\u{1d7d1}\u{1d7d2}',
  '06%E2%80%9139%E2%80%9198%E2%80%9112%E2%80%9134',
])('a number is found whatever stands between its digits: %j', (text) => {
  expect(off.text(`call ${text} now`)).toContain(PHONE);
});

test.each([
  ['4111\u00a01111\u00a01111\u00a01111', '<card>'],
  ['FR76\u00a03000\u00a06000\u00a00112\u00a03456\u00a07890\u00a0189', '<iban>'],
  ['trace4111111111111111', 'trace<card>'],
])('groups of a card or an account, and letters before it: %j', (text, safe) => {
  expect(off.text(text)).toBe(safe);
});

test.each([
  '1.0.0-beta+20130313144700',
  'version 2.1.0-rc+20240115',
  'segment_0000000001.log',
  'frame_0000000123 shard_000000000042 batch_0000012345',
  'user_4155552671 created',
  'job_0123456789',
  'base64 abc+12345678/xyz==',
  'build+1234567890',
  'file:///srv/app_0123456789/main.js:10:5',
  'cafebabe4111111111111111',
])('%j is no number of anybody', (text) => {
  expect(off.text(text)).toBe(text);
});
