// Last line of CI: how many tests and checks passed and failed, read from what `npm test` and `npm run check` wrote.
import { readReport } from './test-report.mjs';

const jest = readReport('artifacts/jest.json');
const checks = readReport('artifacts/check.json');
const passed = (jest?.numPassedTests ?? 0) + (checks?.filter((check) => check.passed).length ?? 0);
// A suite that could not start counts as one failure although it ran no test; so does a missing report.
const failed =
  (jest ? jest.numFailedTests + jest.numRuntimeErrorTestSuites : 1) +
  (checks ? checks.filter((check) => !check.passed).length : 1);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
