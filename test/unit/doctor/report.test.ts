import type { Finding } from '../../../scripts/doctor/finding.ts';
import { formatFinding, formatSum } from '../../../scripts/doctor/report.ts';

const finding = (level: Finding['level'], what = 'is\nwrong'): Finding => {
  return { id: 'a.b', level, what, where: 'A_VARIABLE', wayOut: 'set it' };
};

test('a finding is one line, and only what is not right has a way out', () => {
  expect(formatFinding(finding('error'))).toBe('error    A_VARIABLE: is wrong -> set it');
  expect(formatFinding(finding('warning'))).toBe('warning  A_VARIABLE: is wrong -> set it');
  expect(formatFinding(finding('ok', 'is right'))).toBe('ok       A_VARIABLE: is right');
});

test('the sum counts what is wrong', () => {
  const findings = [finding('ok'), finding('error'), finding('warning'), finding('warning')];
  expect(formatSum(findings)).toBe('4 looked at: 1 error, 2 warnings');
});
