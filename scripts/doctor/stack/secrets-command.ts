import { readFileSync } from 'node:fs';
import { checkStackSecrets } from './check-secrets.ts';

// What the container `check` of docker-compose.prod.yml runs before any other starts: rc 1 where a secret is missing or weak.
const findings = checkStackSecrets(
  process.env.CALLSPAN_SECRETS_DIR || './secrets',
  readFileSync('collector/alertmanager/alertmanager.generated.yaml', 'utf8'),
);
const errors = findings.filter(({ level }) => level === 'error');
for (const { where, what, wayOut } of findings.filter(({ level }) => level !== 'ok'))
  console.error(`${where} ${what}\n  ${wayOut}`);
if (errors.length === 0) console.log('secrets and their folders are as they should be');
else console.error(`nothing was started: ${errors.length} of ${findings.length} are wrong`);
process.exit(errors.length === 0 ? 0 : 1);
