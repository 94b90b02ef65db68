/** As the variables say: `CALLSPAN_ENVIRONMENT` or `NODE_ENV` is `production`. */
export function isProduction(env: NodeJS.ProcessEnv): boolean {
  return env.CALLSPAN_ENVIRONMENT === 'production' || env.NODE_ENV === 'production';
}
