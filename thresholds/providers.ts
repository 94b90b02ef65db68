/**
 * Values of `gen_ai.provider.name` that a row may be for without being declared under `providers` of the file: those of
 * OpenTelemetry's conventions 1.45 (gen-ai registry), and vendors of speech as voice frameworks write them.
 */
export const KNOWN_PROVIDERS: readonly string[] = [
  'anthropic',
  'aws.bedrock',
  'azure.ai.inference',
  'azure.ai.openai',
  'cohere',
  'deepseek',
  'gcp.gemini',
  'gcp.gen_ai',
  'gcp.vertex_ai',
  'groq',
  'ibm.watsonx.ai',
  'mistral_ai',
  'openai',
  'perplexity',
  'x_ai',
  'assemblyai',
  'azure.ai.speech',
  'cartesia',
  'deepgram',
  'elevenlabs',
  'gcp.speech',
  'gladia',
  'rime',
  'soniox',
  'speechmatics',
];
