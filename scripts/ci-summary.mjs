// Last line of CI: how many tests and checks passed and failed, read from what `npm test`, `npm run check` and
// `npm run test:engines` wrote.
import { readReport } from './test-report.mjs';

const suites = ['artifacts/jest.json', 'artifacts/engines.json'].map(readReport);
const checks = readReport('artifacts/check.json');
const sum = (counts) => counts.reduce((total, count) => total + count, 0);
const passed =
  sum(suites.map((suite) => suite?.numPassedTests ?? 0)) + (checks?.filter((check) => check.passed).length ?? 0);
// A suite that could not start counts as one failure although it ran no test; so does a missing report.
const failed =
  sum(suites.map((suite) => (suite ? suite.numFailedTests + suite.numRuntimeErrorTestSuites : 1))) +
  (checks ? checks.filter((check) => !check.passed).length : 1);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
