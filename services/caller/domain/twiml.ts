import { TwilioFault } from './fault.ts';
import { checkTwiml, PASSED_OVER, refuse, type XmlElement } from './twiml-grammar.ts';

/** Where an answer goes: relative URLs stay as written, they are resolved against the document's own address. */
export type Action = { readonly url: string; readonly method: 'GET' | 'POST' };

/** A `<Stream>`: `url` without its query string, which Twilio drops. */
export type StreamNoun = {
  readonly url: string;
  readonly name: string | null;
  readonly parameters: Readonly<Record<string, string>>;
  readonly statusCallback: Action | null;
};

/** What a one-way stream carries: what the caller says, what is played to the caller, or both. */
export type StreamTrack = 'inbound' | 'outbound';

/** What makes sound within `<Gather>` or by itself. Lengths in milliseconds; loop 0 means for ever, as in TwiML. */
export type SoundVerb =
  | { readonly verb: 'Say'; readonly text: string; readonly loop: number }
  | { readonly verb: 'Pause'; readonly lengthMs: number }
  | { readonly verb: 'Play'; readonly url: string; readonly digits: string; readonly loop: number };

/** A verb, checked. */
export type Verb =
  | SoundVerb
  | { readonly verb: 'Connect'; readonly stream: StreamNoun; readonly action: Action | null }
  | { readonly verb: 'Start'; readonly stream: StreamNoun; readonly tracks: readonly StreamTrack[] }
  /** `name`: of the stream, null for the one without a name. */
  | { readonly verb: 'Stop'; readonly name: string | null }
  | { readonly verb: 'Redirect'; readonly target: Action }
  | { readonly verb: 'Hangup' }
  | { readonly verb: 'Reject'; readonly reason: 'rejected' | 'busy' }
  | {
      readonly verb: 'Gather';
      readonly prompts: readonly SoundVerb[];
      readonly hearsSpeech: boolean;
      readonly hearsDigits: boolean;
      readonly numDigits: number | null;
      readonly finishOnKey: string;
      readonly timeoutMs: number;
      readonly actionOnEmptyResult: boolean;
      /** null: the document's own address. */
      readonly action: Action | null;
    }
  | { readonly verb: 'Dial'; readonly timeoutMs: number; readonly action: Action | null }
  | { readonly verb: 'PassedOver'; readonly name: string };

const LONGEST_PARAMETER = 500;

/** The verbs of a document, in order. @throws TwilioFault 12102, 12200, or 31922 for a stream that is not wss (ws is let through on loopback). */
export function parseTwiml(root: XmlElement): Verb[] {
  checkTwiml(root);
  return root.children.map((element) => parseVerb(element));
}

function parseVerb(element: XmlElement): Verb {
  switch (element.name) {
    case 'Say':
    case 'Pause':
    case 'Play':
      return parseSound(element);
    case 'Connect':
      return parseConnect(element);
    case 'Start':
      return parseStart(element);
    case 'Stop':
      return parseStop(element);
    case 'Redirect':
      return { verb: 'Redirect', target: { url: element.text.trim(), method: method(element) } };
    case 'Reject':
      return { verb: 'Reject', reason: oneOf(element, 'reason', ['rejected', 'busy']) };
    case 'Gather':
      return parseGather(element);
    case 'Dial':
      return { verb: 'Dial', timeoutMs: 1000 * whole(element, 'timeout', 30), action: action(element) };
    case 'Hangup':
      return { verb: 'Hangup' };
    default:
      if (PASSED_OVER.includes(element.name)) return { verb: 'PassedOver', name: element.name };
      throw refuse(`<${element.name}> is not a verb`);
  }
}

function parseSound(element: XmlElement): SoundVerb {
  if (element.name === 'Pause') return { verb: 'Pause', lengthMs: 1000 * whole(element, 'length', 1) };
  const loop = whole(element, 'loop', 1);
  if (element.name === 'Say') return { verb: 'Say', text: element.text.replaceAll(/\s+/g, ' ').trim(), loop };
  return { verb: 'Play', url: element.text.trim(), digits: element.attributes.digits ?? '', loop };
}

function parseGather(element: XmlElement): Verb {
  const input = element.attributes.input ?? 'dtmf';
  if (!/^(dtmf|speech)( (dtmf|speech))?$/.test(input)) throw refuse(`<Gather> input cannot be ${input}`);
  return {
    verb: 'Gather',
    prompts: element.children.map(parseSound),
    hearsSpeech: input.includes('speech'),
    hearsDigits: input.includes('dtmf'),
    numDigits: element.attributes.numDigits === undefined ? null : whole(element, 'numDigits', 1),
    finishOnKey: element.attributes.finishOnKey ?? '#',
    timeoutMs: 1000 * whole(element, 'timeout', 5),
    actionOnEmptyResult: element.attributes.actionOnEmptyResult === 'true',
    action: action(element),
  };
}

function parseConnect(element: XmlElement): Verb {
  const noun = onlyNoun(element);
  const track = noun.attributes.track ?? 'inbound_track';
  if (track !== 'inbound_track') throw refuse(`<Connect><Stream> hears the inbound track only, not ${track}`);
  return { verb: 'Connect', stream: parseStream(noun), action: action(element) };
}

const TRACKS = {
  inbound_track: ['inbound'],
  outbound_track: ['outbound'],
  both_tracks: ['inbound', 'outbound'],
} as const;

function parseStart(element: XmlElement): Verb {
  const noun = onlyNoun(element);
  if (noun.name !== 'Stream') return { verb: 'PassedOver', name: `Start><${noun.name}` };
  const track = oneOf(noun, 'track', ['inbound_track', 'outbound_track', 'both_tracks']);
  return { verb: 'Start', stream: parseStream(noun), tracks: TRACKS[track] };
}

function parseStop(element: XmlElement): Verb {
  const noun = onlyNoun(element);
  if (noun.name !== 'Stream') return { verb: 'PassedOver', name: `Stop><${noun.name}` };
  return { verb: 'Stop', name: noun.attributes.name ?? null };
}

function onlyNoun({ name, children }: XmlElement): XmlElement {
  const [noun, ...others] = children;
  if (!noun || others.length > 0) throw refuse(`<${name}> must hold exactly one <Stream>`);
  return noun;
}

function parseStream(noun: XmlElement): StreamNoun {
  const callback = noun.attributes.statusCallback;
  return {
    url: streamUrl(noun.attributes.url ?? ''),
    name: noun.attributes.name ?? null,
    parameters: Object.fromEntries(noun.children.map(parameter)),
    statusCallback: callback === undefined ? null : { url: callback, method: method(noun, 'statusCallbackMethod') },
  };
}

function parameter(element: XmlElement): [string, string] {
  const { name = '', value = '' } = element.attributes;
  if (name === '') throw refuse('<Parameter> has no name');
  if (name.length + value.length >= LONGEST_PARAMETER)
    throw refuse(
      `<Parameter name="${name}"> has ${name.length + value.length} characters: name and value must stay below 500`,
    );
  return [name, value];
}

/** The stream's address as Twilio dials it: without query and fragment. @throws TwilioFault 31922. */
function streamUrl(written: string): string {
  const url = URL.parse(written);
  if (!url) throw new TwilioFault(31922, `the stream's url "${written}" is not an absolute wss:// address`);
  const isLoopback = url.hostname === 'localhost' || url.hostname === '[::1]' || url.hostname.startsWith('127.');
  if (url.protocol !== 'wss:' && !(url.protocol === 'ws:' && isLoopback))
    throw new TwilioFault(31922, `the stream's url must be wss://, not ${url.protocol}//`);
  // As written otherwise: the signature is made over exactly these characters.
  return written.replace(/[?#].*$/s, '');
}

function action(element: XmlElement): Action | null {
  const url = element.attributes.action;
  return url === undefined ? null : { url, method: method(element) };
}

function method(element: XmlElement, name = 'method'): 'GET' | 'POST' {
  return oneOf(element, name, ['POST', 'GET']);
}

function oneOf<T extends string>(element: XmlElement, name: string, values: readonly [T, ...T[]]): T {
  const written = element.attributes[name] ?? values[0];
  const value = values.find((one) => one === written);
  if (value === undefined) throw refuse(`${name} of <${element.name}> must be ${values.join(' or ')}, not ${written}`);
  return value;
}

function whole(element: XmlElement, name: string, fallback: number): number {
  const written = element.attributes[name];
  if (written === undefined) return fallback;
  if (!/^\d{1,5}$/.test(written)) throw refuse(`${name} of <${element.name}> must be a whole number, not "${written}"`);
  return Number(written);
}
