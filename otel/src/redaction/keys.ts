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

const URL_KEYS = new Set(['url.full', 'url.query', 'http.target']);
/** Last words of a key whose value is an address with a query. */
const URL_WORDS = new Set(['url', 'uri', 'href']);
const SQL_KEYS = new Set(['db.statement', 'db.query.text', 'sql']);

const SECRET_WORDS = new Set(
  `password passwd pwd passphrase passcode motdepasse secret token authorization cookie credential apikey jwt otp pin cvv cvc
  signature`.split(/\s+/),
);
/** Two words in one. */
const SECRET_FORM =
  /^(?:access|auth|refresh|id|api|bearer|csrf|xsrf)token$|^(?:client|app|api|shared)secret$|^(?:secret|private|access|auth|ssh)key$|.password$/;
/** Words before `key` that make it a secret one. */
const KEY_OF_WHAT = new Set('api access private secret auth hmac signing encryption master license ssh'.split(' '));
/** Tokens of a model are counted; those of somebody are secrets. */
const TOKENS_OF_WHAT = new Set('access auth refresh api bearer csrf'.split(' '));
const PHONE_WORDS = new Set(
  'phone telephone tel mobile cellphone msisdn fax callback callbacknumber phonenumber portable'.split(' '),
);
const PLACE_WORDS = new Set(
  'address addr adresse street rue city town ville zip zipcode postcode postal place location latitude longitude'.split(
    ' ',
  ),
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
  nir: 'number',
  card: 'card',
  cardnumber: 'card',
  creditcard: 'card',
  pan: 'card',
  surname: 'name',
  firstname: 'name',
  lastname: 'name',
  fullname: 'name',
  givenname: 'name',
  familyname: 'name',
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

/** What comes after `name` when it is a part of somebody's. */
const PARTS_OF_NAME = new Set('first last full given family middle'.split(' '));
/** Addresses of clients and user agents, as headers and loggers name them. */
const DROPPED_FORM =
  /(?:^| )(?:user ?agent(?: original)?|remote (?:address|addr|ip|port)|client (?:address|addr|ip|port)|x forwarded for|x real ip)$/;
const ERROR_FORM =
  /^(?:err|error|cause|reason)$|(?:^| )(?:err|error|exception|cause) (?:message|stack|stacktrace|reason)$|^stack$/;

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
  const spaced = words.join(' ');
  if (DROPPED_FORM.test(spaced)) return { kind: 'dropped' };
  if (ERROR_FORM.test(spaced)) return { kind: 'error' };
  if (URL_WORDS.has(words.at(-1) ?? '')) return { kind: 'url' };
  if (isSecret(words)) return { kind: 'secret' };
  const label = personalLabel(words);
  if (label) return { kind: 'personal', label };
  return CONTENT_NAMES.test(words.join('_')) || CONTENT_NAMES.test(key) ? { kind: 'content' } : { kind: 'open' };
}

/** `callerName`, `caller_name`, `Caller-Name`, `CALLERName` and `callerName2` are the same words. */
function wordsOf(key: string): string[] {
  const plain = key.normalize('NFD').replace(/\p{M}/gu, '');
  return plain
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .replace(/([a-z]{3})\d{1,3}(?![a-z\d])/g, '$1')
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '' && !/^\d+$/.test(word));
}

/** `emails` is a list of what `email` is one of. */
function singular(word: string): string {
  if (/(?:ss|us)$/.test(word)) return word;
  return word === 'addresses' ? 'address' : word.replace(/s$/, '');
}

function isSecret(words: readonly string[]): boolean {
  return words.some((given, at) => {
    const word = singular(given);
    if (word === 'key') return KEY_OF_WHAT.has(words[at - 1] ?? '');
    if (given === 'tokens') return TOKENS_OF_WHAT.has(words[at - 1] ?? '');
    if (word === 'token') return words[at + 1] !== 'type' && words[at + 1] !== 'count';
    if (word === 'pass') return at === words.length - 1;
    return SECRET_WORDS.has(word) || SECRET_FORM.test(word);
  });
}

function personalLabel(words: readonly string[]): string | undefined {
  for (const [at, given] of words.entries()) {
    const word = singular(given);
    const before = words[at - 1] ?? '';
    const isLast = at === words.length - 1;
    if (word === 'name' && !THINGS.has(before) && (isLast || PARTS_OF_NAME.has(words[at + 1] ?? ''))) return 'name';
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
