import { createRedactor } from '../../../otel/src/redaction/redactor.ts';

const SECRET = 'x9"correct horse%é';
const { text } = createRedactor({ level: 'full', secrets: [SECRET] });
const off = createRedactor({ level: 'off' });

test.each([
  ['once', encodeURIComponent(SECRET)],
  ['twice', encodeURIComponent(encodeURIComponent(SECRET))],
  ['five times', [1, 2, 3, 4, 5].reduce((encoded) => encodeURIComponent(encoded), SECRET)],
])('a secret of the process that is encoded %s goes, although another % sign encodes nothing', (_times, encoded) => {
  expect(text(`100% of ${encoded} %zz %ff`)).toBe('100% of <secret> %zz %ff');
});

test.each([
  ['jean%2540exemple.fr', '<email>'],
  ['payload=%7B%22name%22%3A%22Jean%20Dupont%22%7D', 'payload={"name":"<name>"}'],
  ['06%E2%80%9139%E2%80%9198%E2%80%9112%E2%80%9134 at 5%', '<phone> at 5%'],
  ['GET /calls?q=Jean%20Dupont HTTP/1.1', 'GET /calls?<query> HTTP/1.1'],
  ['"/calls?q=Jean"', '"/calls?<query>"'],
])('%j is read as who decodes it will', (written, safe) => {
  expect(off.text(written)).toBe(safe);
});

test.each(['50%20of%20them', 'and/or? yes', 'what?'])('%j stays as it is written', (written) => {
  expect(off.text(written)).toBe(written);
});

test.each([
  ['letters', `${'correct-horse-battery-'.repeat(10)}staple`],
  ['words', `${'correct horse battery '.repeat(10)}staple`],
])('of a long secret of %s that the limit of attributes has cut in two nothing stays', (_what, secret) => {
  const redactor = createRedactor({ level: 'full', secrets: [secret] });
  const before = `${'word '.repeat(380)}in `;
  expect(redactor.text((before + secret.repeat(2)).slice(0, 2048))).toBe(`${before}<cut>`);
});
