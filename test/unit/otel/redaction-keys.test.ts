import type { Attributes } from '@opentelemetry/api';
import { createRedactor } from '../../../otel/src/redaction/redactor.ts';

const off = createRedactor({ level: 'off' });
const full = createRedactor({ level: 'full' });

test.each(
  `pass userPass passwords password1 passcode motdepasse accesstoken authtoken refreshtoken idToken access_tokens JWTToken
  AUTHToken clientsecret secretkey privatekey accesskey apiKeys api_key2 ssh_key userpassword tokens_0_token`.split(
    /\s+/,
  ),
)('what stands under %s is a secret', (key) => {
  expect(full.attributes({ [key]: 'Jean' })).toEqual({ [key]: '<secret>' });
});

test.each([
  ...'givenname familyname name1 contact_name_1 name_full customer.name.first names CALLERName'
    .split(' ')
    .map((key) => [key, '<name>']),
  ...'address1 street1 addresses addr town'.split(' ').map((key) => [key, '<address>']),
  ...'email2 emails'.split(' ').map((key) => [key, '<email>']),
  ...'phone1 phones portable'.split(' ').map((key) => [key, '<phone>']),
  ...'cardnumber creditcard cards'.split(' ').map((key) => [key, '<card>']),
  ['nir', '<number>'],
])('what stands under %s is %s', (key, label) => {
  expect(off.attributes({ [key]: 'Jean' })).toEqual({ [key]: label });
});

test.each(
  'max_tokens input_tokens tokens token_count status host_names tool.name model2 http2 sha256 utf8 news passed bypass compass_heading'.split(
    ' ',
  ),
)('%s says nothing of a person or a secret', (key) => {
  expect(off.attributes({ [key]: 'some words' })).toEqual({ [key]: 'some words' });
});

test.each([
  'req.headers.user-agent',
  'http.request.header.user_agent',
  'userAgent',
  'remoteAddress',
  'req.remotePort',
  'client.ip',
  'x-forwarded-for',
])('%s says who called: it is left out at every level', (key) => {
  const attributes: Attributes = { [key]: '203.0.113.77', kept: 'yes' };
  expect([off.attributes(attributes), full.attributes(attributes)]).toEqual([{ kept: 'yes' }, { kept: 'yes' }]);
});

test.each(['err', 'error', 'cause', 'err.message', 'error.stack', 'reason'])(
  '%s is read as what an error says',
  (key) => {
    expect(off.attributes({ [key]: 'Key (name)=(Jean) exists: "Claire"' })[key]).toBe(
      'Key (name)=(<quoted>) exists: <quoted>',
    );
  },
);

test.each(['req.url', 'originalUrl', 'callback.uri'])('the query of an address under %s is left out', (key) => {
  expect(off.attributes({ [key]: '/calls?q=Jean%20Dupont' })).toEqual({ [key]: '/calls?<query>' });
});

test('a stack loses what its messages quote, also those of causes, and keeps its frames', () => {
  const stack = [
    'Error: outer "Jean"',
    '    at f (/app/a.js:1:1)',
    '    at 12 rue Jean',
    '    at async Promise.all (index 0)',
    'Caused by: Error: Key (name)=(Jean Dupont) exists',
    '    at new Promise (<anonymous>)',
    '    at file:///app/b.js:10:5',
    "said 'Claire'",
  ].join('\n');
  expect(off.attributes({ 'exception.stacktrace': stack })['exception.stacktrace']).toBe(
    [
      'Error: outer <quoted>',
      '    at f (/app/a.js:1:1)',
      '    at 12 rue Jean',
      '    at async Promise.all (index 0)',
      'Caused by: Error: Key (name)=(<quoted>) exists',
      '    at new Promise (<anonymous>)',
      '    at file:///app/b.js:10:5',
      'said <quoted>',
    ].join('\n'),
  );
});

test('fields that are errors, headers or long texts keep nothing that a reader of the fields must not see', () => {
  const error = Object.assign(new Error('Key (name)=(Jean) exists "Claire"\n    at 12 rue Jean'), {
    code: 'validation',
  });
  const long = `${'x'.repeat(8180)} 06 39 98 12 34`;
  const fields = off.fields({
    error,
    headers: new Headers({ cookie: 'sid=1', 'x-call': 'CA1' }),
    query: new URLSearchParams('name=Jean&page=2'),
    long,
  }) as { error: { message: string; stack: string }; headers: object; query: object; long: string };
  expect(fields.error.message).toBe('Key (name)=(<quoted>) exists <quoted>\n    at 12 rue Jean');
  expect(fields.error.stack).not.toContain('rue');
  expect(fields.headers).toEqual({ cookie: '<secret>', 'x-call': 'CA1' });
  expect(fields.query).toEqual({ name: '<name>', page: '2' });
  expect(fields.long).not.toMatch(/\d/);
});
