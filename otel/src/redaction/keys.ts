import { Attr, FOREIGN_ID_KEYS, gapSegmentKey, SEGMENTS } from '../conventions/index.ts';

/** Client addresses and user agents say who called, not what was slow: they are dropped everywhere, at every level. */
export const DROPPED_KEYS: readonly string[] = [
  'client.address',
  'client.port',
  'network.peer.address',
  'network.peer.port',
  'net.peer.ip',
  'net.sock.peer.addr',
  'net.sock.peer.port',
  'http.client_ip',
  'user_agent.original',
  'http.user_agent',
];

/**
 * What a key says about its value. `closed`: of the contract, no person's words can be in it. `id`: of the contract, but
 * a provider or a caller writes it. `open`: anything.
 */
export type KeyKind =
  | { readonly kind: 'closed' | 'id' | 'host' | 'error' | 'dropped' | 'secret' | 'content' | 'url' | 'sql' | 'open' }
  | { readonly kind: 'personal'; readonly label: string };

/** Values that an answer, a webhook or a media stream brings: ids by their shape, or invalid. */
const ID_KEYS: readonly string[] = [
  Attr.conversationId,
  Attr.callSid,
  Attr.streamSid,
  Attr.accountSid,
  Attr.twilioErrorCode,
  Attr.callStatus,
  Attr.streamEvent,
  Attr.callDirection,
  Attr.callLanguage,
  Attr.responseModel,
  Attr.finishReasons,
  Attr.providerRequestId,
  Attr.toolName,
  Attr.rejectReason,
  Attr.errorType,
  Attr.callerHash,
  ...FOREIGN_ID_KEYS,
];
/** Of the contract, yet made from what happened: they are read like any other text. */
const OPEN_KEYS: readonly string[] = [Attr.exceptionType, Attr.urlPath, Attr.httpRoute];
/** What a server was asked as: the caller's header says it. */
const HOST_KEYS: readonly string[] = [Attr.serverAddress, 'net.host.name', 'http.host', 'url.scheme'];
/** Errors of others quote what they were given. */
const ERROR_KEYS: readonly string[] = [Attr.exceptionMessage, Attr.exceptionStacktrace, 'error.message'];
/** Written by instrumentations from what an operator configured: no person is in them. */
const OPERATORS_KEYS: readonly string[] = [
  'network.protocol.name',
  'network.protocol.version',
  'network.transport',
  'network.type',
  'db.name',
  'db.namespace',
  'db.system',
  'db.user',
  'event.name',
  'trace_id',
  'span_id',
  'trace_flags',
];

const CLOSED = new Set<string>([
  ...Object.values(Attr).filter(
    (key) => ![ID_KEYS, OPEN_KEYS, HOST_KEYS, ERROR_KEYS].some((keys) => keys.includes(key)),
  ),
  ...SEGMENTS.map(gapSegmentKey),
  ...OPERATORS_KEYS,
]);

const URL_KEYS = new Set(['url.full', 'url.query', 'http.url', 'http.target', 'url', 'uri', 'href']);
const SQL_KEYS = new Set(['db.statement', 'db.query.text', 'sql']);

const SECRET_WORDS = new Set(
  'password passwd pwd passphrase secret secrets token authorization cookie cookies credential credentials apikey jwt otp pin cvv cvc signature'.split(
    ' ',
  ),
);
/** Words before `key` that make it a secret one. */
const KEY_OF_WHAT = new Set('api access private secret auth hmac signing encryption master license'.split(' '));
const PHONE_WORDS = new Set(
  'phone telephone tel mobile cellphone msisdn fax callback callbacknumber phonenumber'.split(' '),
);
const PLACE_WORDS = new Set(
  'address adresse street rue city ville zip zipcode postcode postal place location latitude longitude'.split(' '),
);
const OTHER_WORDS: Readonly<Record<string, string>> = {
  email: 'email',
  mail: 'email',
  courriel: 'email',
  birthday: 'birth',
  birthdate: 'birth',
  birth: 'birth',
  dob: 'birth',
  naissance: 'birth',
  ssn: 'number',
  passport: 'number',
  iban: 'iban',
  card: 'card',
  pan: 'card',
  surname: 'name',
  firstname: 'name',
  lastname: 'name',
  fullname: 'name',
  nickname: 'name',
  callername: 'name',
  prenom: 'name',
  nom: 'name',
  username: 'name',
};
/** What has a name without being a person. */
const THINGS = new Set(
  `service host agent provider tool process runtime thread function class event span scope db collection operation system
  database table schema container pod node k8s cluster deployment environment destination queue topic library sdk distro
  exporter protocol network space express layer route method file path module package model metric instrument label field
  key error exception log logger level step stage status type program region zone bucket index job task worker workflow
  flag feature variable header parameter telemetry os server domain dns code app application project script product brand
  voice business company`.split(/\s+/),
);
/** What has an address without being where somebody lives. */
const MACHINES = new Set('server local listen bind memory contract listener'.split(' '));

const CONTENT_NAMES =
  /^(?:.*[._])?(?:transcripts?|transcription_?(?:text|data)|utterances?|speech_?result|stable_?speech_?result|prompts?|completions?|content|text|words|notes|digits|dtmf|messages|system_instructions|arguments|args|request_?body|response_?body|body)$|^db\.query\.parameter\b|^http\.(?:request|response)\.body|^gen_ai\.(?:prompt|completion|content)\b|^gen_ai\.tool\.call\.(?:arguments|result)$/;

const known = new Map<string, KeyKind>();
/** Keys can come from outside (objects in log lines): what is remembered is bounded. */
const MAX_KNOWN = 2000;

/** What the key says about the value, from the key alone. */
export function kindOfKey(key: string): KeyKind {
  const before = known.get(key);
  if (before) return before;
  const kind = findKind(key);
  if (known.size < MAX_KNOWN && key.length <= 128) known.set(key, kind);
  return kind;
}

function findKind(key: string): KeyKind {
  if (CLOSED.has(key)) return { kind: 'closed' };
  if (DROPPED_KEYS.includes(key)) return { kind: 'dropped' };
  if (ID_KEYS.includes(key)) return { kind: 'id' };
  if (HOST_KEYS.includes(key)) return { kind: 'host' };
  if (ERROR_KEYS.includes(key)) return { kind: 'error' };
  if (OPEN_KEYS.includes(key)) return { kind: 'open' };
  if (URL_KEYS.has(key)) return { kind: 'url' };
  if (SQL_KEYS.has(key)) return { kind: 'sql' };
  const words = wordsOf(key.slice(0, 256));
  if (isSecret(words)) return { kind: 'secret' };
  const label = personalLabel(words);
  if (label) return { kind: 'personal', label };
  return CONTENT_NAMES.test(words.join('_')) || CONTENT_NAMES.test(key) ? { kind: 'content' } : { kind: 'open' };
}

/** `callerName`, `caller_name` and `Caller-Name` are the same words. */
function wordsOf(key: string): string[] {
  const plain = key.normalize('NFD').replace(/\p{M}/gu, '');
  return plain
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter(Boolean);
}

function isSecret(words: readonly string[]): boolean {
  return words.some((word, at) => {
    if (word === 'key') return KEY_OF_WHAT.has(words[at - 1] ?? '');
    if (word === 'token') return words[at + 1] !== 'type' && words[at + 1] !== 'count';
    return SECRET_WORDS.has(word);
  });
}

function personalLabel(words: readonly string[]): string | undefined {
  for (const [at, word] of words.entries()) {
    const before = words[at - 1] ?? '';
    if (word === 'name' && at === words.length - 1 && !THINGS.has(before)) return 'name';
    if (PLACE_WORDS.has(word)) {
      if (MACHINES.has(before)) continue;
      return before === 'email' || before === 'mail' ? 'email' : before === 'ip' ? 'ip' : 'address';
    }
    if (PHONE_WORDS.has(word)) return 'phone';
    if (word === 'number' && /^(?:caller|called|from|to|account|card|contact|customer|forwarded)$/.test(before))
      return 'phone';
    if (word === 'state' && /^(?:caller|called|from|to)$/.test(before)) return 'address';
    const other = Object.hasOwn(OTHER_WORDS, word) ? OTHER_WORDS[word] : undefined;
    if (other) return other;
  }
  return undefined;
}
