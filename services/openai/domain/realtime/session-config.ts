import { z } from 'zod';
import { ApiError, createBadRequest } from '../api-error.ts';
import { findModel } from '../models.ts';
import type { AudioFormat } from './audio.ts';

const turnDetectionSchema = z.looseObject({
  type: z.string(),
  threshold: z.number().min(0).max(1).default(0.5),
  prefix_padding_ms: z.number().min(0).max(10_000).default(300),
  silence_duration_ms: z.number().min(0).max(10_000).default(500),
  create_response: z.boolean().default(true),
  interrupt_response: z.boolean().default(true),
  idle_timeout_ms: z.number().nullable().default(null),
});
const formatSchema = z.looseObject({ type: z.string().default('audio/pcm'), rate: z.number().optional() });
const toolSchema = z.looseObject({ type: z.literal('function').default('function'), name: z.string() });
const modalitiesSchema = z.array(z.enum(['text', 'audio'])).length(1);
const transcriptionSchema = z.looseObject({ model: z.string().optional(), language: z.string().optional() });

/** How much one response may say at most. */
export const tokenLimitSchema = z.union([z.literal('inf'), z.int().min(1).max(4_096)]);
export type TokenLimit = z.infer<typeof tokenLimitSchema>;

const updateSchema = z.looseObject({
  type: z.enum(['realtime', 'transcription']),
  model: z.string().optional(),
  instructions: z.string().optional(),
  output_modalities: modalitiesSchema.optional(),
  tools: z.array(toolSchema).optional(),
  tool_choice: z.unknown().optional(),
  max_output_tokens: tokenLimitSchema.optional(),
  truncation: z.unknown().optional(),
  audio: z
    .looseObject({
      input: z
        .looseObject({
          format: formatSchema.optional(),
          transcription: transcriptionSchema.nullable().optional(),
          turn_detection: turnDetectionSchema.nullable().optional(),
          noise_reduction: z
            .looseObject({ type: z.enum(['near_field', 'far_field']) })
            .nullable()
            .optional(),
        })
        .optional(),
      output: z
        .looseObject({
          format: formatSchema.optional(),
          voice: z.unknown().optional(),
          speed: z.number().min(0.25).max(1.5).optional(),
        })
        .optional(),
    })
    .optional(),
});

/** How turns are found; null where the client commits by itself. */
export type TurnDetection = z.infer<typeof turnDetectionSchema>;
export type FunctionTool = z.infer<typeof toolSchema>;

/** What a session is set to. `type` is fixed when it opens. */
export type SessionConfig = {
  readonly type: 'realtime' | 'transcription';
  /** Of the conversation; null in a transcription session. */
  readonly model: string | null;
  readonly instructions: string;
  readonly modality: 'audio' | 'text';
  readonly tools: readonly FunctionTool[];
  readonly toolChoice: unknown;
  readonly inputFormat: AudioFormat;
  readonly outputFormat: AudioFormat;
  readonly voice: unknown;
  readonly transcription: z.infer<typeof transcriptionSchema> | null;
  readonly turnDetection: TurnDetection | null;
  readonly maxOutputTokens: TokenLimit;
  /** Said again in the session's events, and without effect here. */
  readonly repeated: { readonly noiseReduction: unknown; readonly speed: number; readonly truncation: unknown };
};

/** A model that a session cannot go on with: the vendor says so and closes. */
export class UnusableModel extends ApiError {}

/** `Model "x" is not supported in realtime mode.` */
export function createUnusableModel(model: string, mode: SessionConfig['type']): UnusableModel {
  const message = `Model "${model}" is not supported in ${mode} mode.`;
  return new UnusableModel(400, { message, type: 'invalid_request_error', param: null, code: 'invalid_model' });
}

/** What a session is set to before its client says anything. */
export function createSessionConfig(type: SessionConfig['type'], model: string | null): SessionConfig {
  return {
    type,
    model,
    instructions: '',
    modality: 'audio',
    tools: [],
    toolChoice: 'auto',
    inputFormat: 'audio/pcm',
    outputFormat: 'audio/pcm',
    voice: 'marin',
    transcription: null,
    turnDetection: turnDetectionSchema.parse({ type: 'server_vad' }),
    maxOutputTokens: 'inf',
    repeated: { noiseReduction: null, speed: 1, truncation: 'auto' },
  };
}

/** The first thing wrong with a value of an event, in the vendor's words; `place` stands before the field's path. */
export function createInvalidField(error: z.ZodError, place: string): ApiError {
  const issue = error.issues[0];
  const param = [place, ...(issue?.path.map(String) ?? [])].filter(Boolean).join('.');
  return createBadRequest(
    `Invalid value for '${param}': ${issue?.message ?? 'not allowed here'}.`,
    param,
    'invalid_value',
  );
}

/** Reads a format; nothing given leaves `before`. @throws ApiError 400 */
export function parseAudioFormat(value: unknown, before: AudioFormat, param: string): AudioFormat {
  const parsed = formatSchema.optional().safeParse(value);
  if (!parsed.success) throw createInvalidField(parsed.error, param);
  if (!parsed.data) return before;
  const { type, rate } = parsed.data;
  if (type === 'audio/pcmu') return type;
  if (type === 'audio/pcm' && (rate === undefined || rate === 24_000)) return type;
  const message =
    type === 'audio/pcm'
      ? `Invalid value: ${rate}. 'audio/pcm' is 24000 Hz only.`
      : `Invalid value: '${type}'. This stand-in speaks 'audio/pcm' and 'audio/pcmu'.`;
  throw createBadRequest(message, `${param}.${type === 'audio/pcm' ? 'rate' : 'type'}`, 'invalid_value');
}

function checkTurns(config: SessionConfig, isGiven: boolean): SessionConfig {
  const param = 'session.audio.input.turn_detection';
  if (config.turnDetection && config.turnDetection.type !== 'server_vad')
    throw createBadRequest(
      `Invalid value: '${config.turnDetection.type}'. This stand-in knows 'server_vad' only.`,
      `${param}.type`,
      'invalid_value',
    );
  const model = config.transcription?.model ?? null;
  if (config.type !== 'transcription' || !findModel(model, ['live']) || !config.turnDetection) return config;
  if (!isGiven) return { ...config, turnDetection: null };
  throw createBadRequest(
    `Turn detection is not supported for model '${model}'. Set turn_detection to null and commit the audio.`,
    param,
    'invalid_value',
  );
}

/** What `session.update` makes of a session: what it does not name stays. @throws ApiError 400 | UnusableModel */
export function updateSessionConfig(before: SessionConfig, value: unknown): SessionConfig {
  const parsed = updateSchema.safeParse(value);
  if (!parsed.success) throw createInvalidField(parsed.error, 'session');
  const { type, model, audio, ...given } = parsed.data;
  if (type !== before.type)
    throw createBadRequest(
      `Passing a ${type} session update event to a ${before.type} session is not allowed.`,
      'session.type',
      'invalid_value',
    );
  if (model !== undefined && type === 'realtime' && model !== before.model)
    throw createBadRequest("The session's model cannot be changed.", 'session.model', 'invalid_value');
  const { input, output } = audio ?? {};
  const transcription = input?.transcription === undefined ? before.transcription : input.transcription;
  const transcriber = transcription?.model;
  if (transcriber !== undefined && !findModel(transcriber, ['transcription', 'live']))
    throw createUnusableModel(transcriber, 'transcription');
  const after: SessionConfig = {
    ...before,
    instructions: given.instructions ?? before.instructions,
    modality: given.output_modalities?.[0] ?? before.modality,
    tools: given.tools ?? before.tools,
    toolChoice: given.tool_choice ?? before.toolChoice,
    inputFormat: parseAudioFormat(input?.format, before.inputFormat, 'session.audio.input.format'),
    outputFormat: parseAudioFormat(output?.format, before.outputFormat, 'session.audio.output.format'),
    voice: output?.voice ?? before.voice,
    transcription,
    turnDetection: input?.turn_detection === undefined ? before.turnDetection : input.turn_detection,
    maxOutputTokens: given.max_output_tokens ?? before.maxOutputTokens,
    repeated: {
      noiseReduction: input?.noise_reduction === undefined ? before.repeated.noiseReduction : input.noise_reduction,
      speed: output?.speed ?? before.repeated.speed,
      truncation: given.truncation ?? before.repeated.truncation,
    },
  };
  return checkTurns(after, input?.turn_detection !== undefined);
}

/** A format as events write it. */
export function describeFormat(format: AudioFormat) {
  return format === 'audio/pcm' ? { type: format, rate: 24_000 } : { type: format };
}

/** The `session` of `session.created` and `session.updated`. `expiresAt` = epoch seconds. */
export function describeSession(config: SessionConfig, id: string, expiresAt: number) {
  const input = {
    format: describeFormat(config.inputFormat),
    transcription: config.transcription,
    noise_reduction: config.repeated.noiseReduction,
    turn_detection: config.turnDetection,
  };
  const shared = { type: config.type, id, expires_at: expiresAt, include: null };
  if (config.type === 'transcription') return { ...shared, object: 'realtime.transcription_session', audio: { input } };
  return {
    ...shared,
    object: 'realtime.session',
    model: config.model,
    output_modalities: [config.modality],
    instructions: config.instructions,
    tools: config.tools,
    tool_choice: config.toolChoice,
    max_output_tokens: config.maxOutputTokens,
    tracing: null,
    truncation: config.repeated.truncation,
    prompt: null,
    audio: {
      input,
      output: { format: describeFormat(config.outputFormat), voice: config.voice, speed: config.repeated.speed },
    },
  };
}
