import { createRedactor } from '../../../otel/src/redaction/redactor.ts';

const off = createRedactor({ level: 'off' });

test.each([
  ['write to jean.dupont at gmail.com now', 'write to <email> now'],
  ['write to jean at gmail.com now', 'write to <email> now'],
  ['jean arobase exemple.fr', '<email>'],
  ['jean.dupont @ gmail.com', '<email>'],
  ['jean.dupont @gmail.com', '<email>'],
  ['john.smith at gmail dot com', '<email>'],
  [`${'a'.repeat(70)}.dupont@exemple.fr`, '<email>'],
  ['from "jean dupont"@exemple.fr', 'from <email>'],
  ['client/203.0.113.9 and /clients/203.0.113.9', 'client/<ip> and /clients/<ip>'],
  ['peer:2001:db8:85a3::8a2e:370:7334 left', 'peer:<ip> left'],
  ['fd00:1:2:3:4:5:6:7', '<ip>'],
  ['postgres://bot:p@ss@db/calls', 'postgres://<secret>@db/calls'],
  ["postgres://bot:hun'ter22@db/calls", 'postgres://<secret>@db/calls'],
  ['postgres://bot:pa/ss@db/calls', 'postgres://<secret>@db/calls'],
  ['client:alice rang', '<sip> rang'],
  ['jean@github.com:22', '<email>:22'],
])('in "%s" the address is found', (text, safe) => {
  expect(off.text(text)).toBe(safe);
});

test.each([
  'hosted at example.com since today',
  'Error: oops x.y\n    at process.processTicksAndRejections (node:internal)',
  'loaded foo.bar at index.ts',
  'look at file dot ts',
  'failed at step dot one',
  'from git@github.com:owner/repo.git',
  'client:connected',
  'colon form 1:2:3:4:5:6:7:8',
  'libssl 3.0.13.1 and version 4.18.2.1',
  'version 1.2.3.4-beta',
  'release 1.2.3.4-beta.1',
  'Chrome/120.0.0.0',
  'http://localhost:3000/a@b',
])('in "%s" there is none', (text) => {
  expect(off.text(text)).toBe(text);
});
