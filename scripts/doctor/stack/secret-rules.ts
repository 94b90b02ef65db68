/** One secret of the production stack: its file's name and what it has to look like. */
export type SecretRule = {
  readonly name: string;
  readonly isRight: RegExp;
  /** The same in words. */
  readonly form: string;
  /** Where a new one comes from. */
  readonly source: string;
};

const MAKE = 'openssl rand -hex 32 | tr -d "\\n"';
const atLeast = (characters: number) => ({
  isRight: new RegExp(`^\\S{${characters},}$`),
  form: `${characters} characters or more, no space`,
});
const made = (name: string, characters: number): SecretRule => ({
  name,
  ...atLeast(characters),
  source: `make one: ${MAKE}`,
});
const given = (name: string, characters: number, by: string): SecretRule => ({
  name,
  ...atLeast(characters),
  source: `copy it from ${by}`,
});

/** The files that docker-compose.prod.yml takes from `CALLSPAN_SECRETS_DIR`, each named as its variable in small letters. */
export const SECRET_RULES: readonly SecretRule[] = [
  made('callspan_stream_secret', 32),
  made('callspan_hmac_key', 32),
  made('callspan_operations_token', 24),
  made('callspan_telemetry_token', 24),
  {
    name: 'twilio_account_sid',
    isRight: /^AC[0-9a-f]{32}$/,
    form: 'AC and 32 hexadecimal digits',
    source: "copy it from Twilio's console",
  },
  {
    name: 'twilio_auth_token',
    isRight: /^[0-9a-f]{32}$/,
    form: '32 hexadecimal digits',
    source: "copy it from Twilio's console",
  },
  given('openai_api_key', 20, "your models' provider"),
  made('postgres_password', 20),
  made('grafana_admin_password', 20),
  made('grafana_secret_key', 32),
  given('grafana_oauth_client_secret', 16, 'the provider that people sign in with'),
];

/** Part of every fixed word of development (collector/compose/development-secrets); production refuses them. */
const DEVELOPMENT = /development-only/;
const GUESSABLE =
  /change.?me|^(secret|password|passw0rd|default|example|test|token|admin|grafana|postgres|callspan)\W*\d*$/i;
const FEWEST_DIFFERENT = 8;

/** Why a value must not guard anything, as the end of a sentence; undefined: it may. */
export function findWeakness(value: string, { isRight, form }: SecretRule): string | undefined {
  if (value.trim() === '') return 'is empty';
  if (value !== value.trim()) return 'ends with a newline or space, which some engines take for a part of it';
  if (DEVELOPMENT.test(value)) return "is development's, which everybody knows";
  if (GUESSABLE.test(value)) return 'is a word that everybody tries first';
  if (!isRight.test(value)) return `is too short or of another form: expected ${form}`;
  return new Set(value).size < FEWEST_DIFFERENT ? 'repeats a few characters' : undefined;
}
