import { TwilioFault } from './fault.ts';

/** An XML element. `text` is all character data inside, that of children too; `ownText` without theirs. */
export type XmlElement = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
  readonly ownText: string;
};

type Rule = { readonly attributes: string; readonly children?: string; readonly hasText?: boolean };

const SSML = 'break emphasis lang p phoneme prosody s say-as sub w';
const CALLBACKS = 'statusCallback statusCallbackMethod';
const NUMBER_EVENTS = `${CALLBACKS} statusCallbackEvent url method`;
const STARTED = 'Stream Siprec Transcription Recording';
const MACHINE =
  'machineDetection machineDetectionSilenceTimeout machineDetectionSpeechEndThreshold machineDetectionSpeechThreshold machineDetectionTimeout amdStatusCallback amdStatusCallbackMethod';

/** Verbs that exist in TwiML for voice and that the simulated line passes over with a warning. */
export const PASSED_OVER: readonly string[] = ['Record', 'Enqueue', 'Leave', 'Refer', 'Pay', 'Queue'];

/** What may stand where, as in the TwiML reference (https://www.twilio.com/docs/voice/twiml) and the VoiceResponse types of twilio 6.2. */
const RULES: Readonly<Record<string, Rule>> = {
  Response: {
    attributes: '',
    children: `Connect Start Stop Say Pause Play Redirect Hangup Reject Gather Dial ${PASSED_OVER.join(' ')}`,
  },
  Connect: { attributes: 'action method', children: 'Stream' },
  Start: { attributes: 'action method', children: STARTED },
  Stop: { attributes: '', children: STARTED },
  Stream: {
    attributes: `url name track audioFormat sampleRate connectorName ${CALLBACKS}`,
    children: 'Parameter',
  },
  Parameter: { attributes: 'name value' },
  Say: { attributes: 'voice language loop', children: SSML, hasText: true },
  Pause: { attributes: 'length' },
  Play: { attributes: 'loop digits', hasText: true },
  Redirect: { attributes: 'method', hasText: true },
  Hangup: { attributes: '' },
  Reject: { attributes: 'reason' },
  Gather: {
    attributes:
      'action actionOnEmptyResult bargeIn debug enhanced finishOnKey hints input language maxSpeechTime method numDigits partialResultCallback partialResultCallbackMethod profanityFilter speechModel speechTimeout timeout',
    children: 'Say Pause Play',
  },
  Dial: {
    attributes:
      'action answerOnBridge callerId events hangupOnStar method passports record recordingConfigurationId recordingStatusCallback recordingStatusCallbackEvent recordingStatusCallbackMethod recordingTrack referMethod referUrl ringTone sequential timeLimit timeout trim',
    children: 'Number Client Sip Conference Queue Application Sim WhatsApp',
    hasText: true,
  },
  Number: { attributes: `byoc sendDigits ${NUMBER_EVENTS} ${MACHINE}`, hasText: true },
  Sip: { attributes: `username password ${NUMBER_EVENTS} ${MACHINE}`, hasText: true },
  Client: { attributes: NUMBER_EVENTS, children: 'Identity Parameter', hasText: true },
};

// Nouns behind a call that the simulated far end never answers: their insides make no difference to the caller.
const UNCHECKED = new Set([
  ...PASSED_OVER,
  ...SSML.split(' '),
  ...['Conference', 'Application', 'Sim', 'WhatsApp', 'Siprec', 'Transcription', 'Recording'],
]);

/** Refuses what Twilio's schema refuses. @throws TwilioFault 12102 when the root is not Response, 12200 for all else. */
export function checkTwiml(root: XmlElement): void {
  if (root.name !== 'Response') throw new TwilioFault(12102, `the root element is <${root.name}>, not <Response>`);
  checkElement(root);
}

function checkElement(element: XmlElement): void {
  const rule = RULES[element.name];
  if (!rule || UNCHECKED.has(element.name)) return;
  const allowed = new Set(rule.attributes.split(' '));
  for (const name of Object.keys(element.attributes)) {
    const isNamespace = element.name === 'Response' && (name.startsWith('xmlns') || name.startsWith('xsi:'));
    if (!allowed.has(name) && !isNamespace) throw refuse(`<${element.name}> has no attribute ${name}`);
  }
  if (!rule.hasText && element.ownText.trim() !== '') throw refuse(`<${element.name}> may not hold text`);
  const children = new Set(rule.children?.split(' ') ?? []);
  for (const child of element.children) {
    if (!children.has(child.name)) throw refuse(`<${child.name}> may not stand in <${element.name}>`);
    checkElement(child);
  }
}

/** The fault for TwiML that is XML but not TwiML. */
export function refuse(message: string): TwilioFault {
  return new TwilioFault(12200, message);
}
