/** Every setting that the stack demands in production, but for secrets. */
export const PRODUCTION_SETTINGS = {
  CALLSPAN_BOT_DOMAIN: 'bot.example.com',
  CALLSPAN_GRAFANA_DOMAIN: 'grafana.example.com',
  GRAFANA_OAUTH_CLIENT_ID: 'grafana',
  GRAFANA_OAUTH_AUTH_URL: 'https://login.example.com/authorize',
  GRAFANA_OAUTH_TOKEN_URL: 'https://login.example.com/token',
  GRAFANA_OAUTH_API_URL: 'https://login.example.com/userinfo',
  GRAFANA_OAUTH_ALLOWED_DOMAINS: 'example.com',
  CALLSPAN_BACKUP_DIR: '/mnt/backups',
} as const;
