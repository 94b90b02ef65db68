import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Product sources that write telemetry names. */
const sources = ['otel/src', 'services']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)))
  .filter((file) => file.endsWith('.ts') && !file.includes('/conventions/') && !file.includes('/page/'));

test('telemetry names are spelled in one place only', () => {
  const spelled = sources.filter((file) =>
    /['"](voice|twilio|gen_ai|threshold|exception)\.[a-z_]+(\.[a-z_]+)*['"]/.test(readFileSync(file, 'utf8')),
  );
  expect(spelled).toEqual([]);
});

test('every export of the kit says what it is for', () => {
  const bare = sources
    .filter((file) => file.startsWith('otel/'))
    .flatMap((file) => {
      const lines = readFileSync(file, 'utf8').split('\n');
      return lines.flatMap((line, index) =>
        /^export (async )?(function|const|type|class) [a-zA-Z]/.test(line) && !/\*\/\s*$/.test(lines[index - 1] ?? '')
          ? [`${file}: ${line}`]
          : [],
      );
    });
  expect(bare).toEqual([]);
});
