import { resolve } from 'node:path';
import { MOST_BOUNDS } from '../bounds.ts';
import { loadThresholds, THRESHOLDS_FILE } from '../config.ts';
import { listDurationBoundsMs } from '../generate/buckets.ts';
import { listRuleGroups } from '../generate/rules.ts';
import { findPromtool } from '../simulate/promtool.ts';
import { type Command, UsageError } from './command.ts';
import { tryOwnRules } from './own-rules.ts';

/** `check [FILE]`: is the file right, with the overrides of the environment, and do own rules what their series say? */
export const checkCommand: Command = {
  usage: 'check [FILE]',
  purpose:
    'is the file right (default thresholds/thresholds.yaml)? FILE:LINE:COLUMN and the reason for everything that is not',
  run(args, { env, print }) {
    if (args.length > 1 || args[0]?.startsWith('-')) throw new UsageError('check takes one file, or none');
    const file = args[0] === undefined ? THRESHOLDS_FILE : resolve(args[0]);
    const thresholds = loadThresholds({ file, env });
    const groups = Object.values(listRuleGroups(thresholds)).flat();
    const alerts = groups.flatMap(({ rules }) => rules).filter((rule) => 'alert' in rule);
    const bounds = listDurationBoundsMs(thresholds).length;
    const shown = args[0] ?? 'thresholds/thresholds.yaml';
    const isTried =
      thresholds.ownRules.length === 0 || tryOwnRules(thresholds, { file, shown, promtool: findPromtool(env) });
    const parts = [
      `${thresholds.limits.length} limits`,
      `${alerts.length} alerts`,
      `${bounds} of ${MOST_BOUNDS} bounds of the histogram of span durations`,
    ];
    print(`${shown} is right: ${parts.join(', ')}`);
    if (!isTried) print('own_rules are not tried: no promtool here; npm run test:engines builds one');
    return 0;
  },
};
