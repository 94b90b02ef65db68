import { readFileSync } from 'node:fs';
import { loadReceivers, loadThresholds, readLinks } from '../../../thresholds/config.ts';
import { listGeneratedFiles } from '../../../thresholds/generated-files.ts';
import type { Thresholds } from '../../../thresholds/model.ts';
import { ThresholdsError } from '../../../thresholds/problems.ts';
import type { Finding } from '../finding.ts';

const FILE = 'thresholds/thresholds.yaml';

/** Whether the file of limits is right, and whether what runs is made of it. */
export function checkThresholds(env: NodeJS.ProcessEnv): readonly Finding[] {
  try {
    const thresholds = loadThresholds({ env });
    const right: Finding = {
      id: 'thresholds.file',
      level: 'ok',
      what: 'the limits are right',
      where: FILE,
      wayOut: '',
    };
    return [right, compareGenerated(thresholds, env)];
  } catch (error) {
    if (!(error instanceof ThresholdsError)) throw error;
    const what = error.message.split('\n', 2).join(' ').trim();
    return [{ id: 'thresholds.file', level: 'error', what, where: FILE, wayOut: 'npm run thresholds -- check' }];
  }
}

/** Generated files are made without the overrides of the environment: they are those of the file in the repository. */
function compareGenerated(thresholds: Thresholds, env: NodeJS.ProcessEnv): Finding {
  const isOverridden = Object.keys(env).some((name) => name.startsWith('CALLSPAN_THRESHOLD_'));
  const plain = isOverridden ? loadThresholds({ env: {} }) : thresholds;
  const stale = listGeneratedFiles(plain, { links: readLinks(env), receivers: loadReceivers() })
    .filter(([path, generate]) => readOrNothing(path) !== generate())
    .map(([path]) => path);
  const id = 'thresholds.generated';
  if (stale.length === 0) {
    return { id, level: 'ok', what: 'rules, bounds, routes and limits are made of it', where: FILE, wayOut: '' };
  }
  const others = stale.length > 1 ? ` and ${stale.length - 1} more` : '';
  const what = 'is not made of the limits as they are now: alarms and lines are those of older ones';
  return {
    id,
    level: 'warning',
    what,
    where: `${stale[0]}${others}`,
    wayOut: 'npm run generate, then reload the engines',
  };
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
