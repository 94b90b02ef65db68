import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { enginePath } from './build/engines.ts';

const FOLDER = 'docs/runbooks';
const RUNBOOKS = readdirSync(FOLDER).filter((name) => name !== 'README.md');

/** What a runbook tells to ask Prometheus: its promql blocks, and code in its lines that has a metric of ours or the engines'. */
function listQueries(name: string): readonly string[] {
  const [, seeIt = ''] = /^## See it\n([\s\S]*?)^## /m.exec(readFileSync(`${FOLDER}/${name}`, 'utf8')) ?? [];
  const blocks = [...seeIt.matchAll(/```promql\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n'));
  const lines = [...seeIt.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
  return [...blocks, ...lines.filter((code) => /[a-z] ?\(.*[a-z]_|^\w+\{|^\{__name__|callspan:\S+$/.test(code))].map(
    (query) => query.trim(),
  );
}

test('every query that a runbook tells to ask Prometheus is PromQL', () => {
  const queries = RUNBOOKS.flatMap((name) => listQueries(name).map((query) => [name, query] as const));
  expect(queries.length).toBeGreaterThan(25);
  const refused = queries.filter(([, query]) => {
    const { status } = spawnSync(enginePath('promtool'), ['--experimental', 'promql', 'format', query]);
    return status !== 0;
  });
  expect(refused).toEqual([]);
});
