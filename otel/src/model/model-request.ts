import type { SpanRequest } from '../call/open-spans.ts';
import { Attr, Stage } from '../conventions/index.ts';
import { objectAt, parseObject, textAt } from './answer-facts.ts';

/** A JSON body longer than this is not read: no span is worth stopping the media clock. */
const MAX_BODY_LENGTH = 4_194_304;

const BY_HOST: Readonly<Record<string, string>> = { 'api.openai.com': 'openai' };

type Operation = Pick<SpanRequest, 'stage'> & { readonly operation: string };

const OPERATIONS: readonly (readonly [RegExp, Operation])[] = [
  [/\/chat\/completions$/, { operation: 'chat', stage: Stage.reply }],
  [/\/responses$/, { operation: 'chat', stage: Stage.reply }],
  [/\/audio\/transcriptions$/, { operation: 'speech_to_text', stage: Stage.transcription }],
  [/\/audio\/speech$/, { operation: 'text_to_speech', stage: Stage.synthesis }],
];

/** Whether a request may be one to a model: not the openai package's probe of fetch, not the list of models. */
export function mayAskModel(url: URL): boolean {
  return /^https?:$/.test(url.protocol) && !/\/models(\/[^/]+)?$/.test(url.pathname);
}

/**
 * The span of a request to an OpenAI-compatible API, by its path and body; undefined for any other request.
 * @param provider of hosts that are not known by name
 */
export function readModelRequest(url: URL, body: unknown, provider: string): SpanRequest | undefined {
  const known = OPERATIONS.find(([path]) => path.test(url.pathname))?.[1];
  if (!known) return undefined;
  const fields = readBody(body);
  const isJson = fields.schema === true && known.operation === 'chat';
  return {
    name: fields.model ? `${known.operation} ${fields.model}` : known.operation,
    ...(isJson ? { stage: Stage.extraction } : known.stage ? { stage: known.stage } : {}),
    provider: BY_HOST[url.hostname] ?? provider,
    ...(fields.model ? { model: fields.model } : {}),
    attributes: {
      [Attr.operationName]: known.operation,
      ...(isJson ? { [Attr.outputType]: 'json' } : {}),
      ...(fields.language ? { [Attr.speechInputLanguage]: fields.language } : {}),
      ...(known.stage === Stage.synthesis && fields.input ? { [Attr.ttsCharacters]: fields.input.length } : {}),
      ...(known.stage === Stage.synthesis && fields.voice ? { [Attr.speechVoice]: fields.voice } : {}),
    },
  };
}

type BodyFields = {
  readonly model?: string | undefined;
  readonly input?: string | undefined;
  readonly voice?: string | undefined;
  readonly language?: string | undefined;
  /** An answer by a JSON schema is wanted. */
  readonly schema?: boolean;
};

/** Never reads a stream: only what lies there already. */
function readBody(body: unknown): BodyFields {
  if (body instanceof FormData) return { model: formText(body, 'model'), language: formText(body, 'language') };
  if (typeof body !== 'string' || body.length > MAX_BODY_LENGTH) return {};
  const json = parseObject(body);
  const format =
    textAt(objectAt(json, 'response_format'), 'type') ?? textAt(objectAt(objectAt(json, 'text'), 'format'), 'type');
  return {
    model: textAt(json, 'model'),
    input: textAt(json, 'input'),
    voice: textAt(json, 'voice') ?? textAt(objectAt(json, 'voice'), 'id'),
    schema: format === 'json_schema',
  };
}

function formText(form: FormData, name: string): string | undefined {
  const value = form.get(name);
  return typeof value === 'string' ? value : undefined;
}
