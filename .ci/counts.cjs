// Of vitest's JSON reports: each failed test with its first lines on standard error, so that the end of CI's log has them;
// `passed failed` on standard output. A report that is missing, or has no test, is one failure.
const { readFileSync } = require('node:fs');

const reportLines = 12;

const reports = process.argv.slice(2).map((file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, testResults: [] };
  }
});

for (const { name, message, assertionResults } of reports.flatMap((report) => report.testResults)) {
  const failed = assertionResults.filter(({ status }) => status === 'failed');
  if (failed.length === 0 && message !== '') console.error(`FAILED ${name}\n${firstLines(message)}`);
  for (const test of failed)
    console.error(`FAILED ${name} > ${test.fullName}\n${firstLines(test.failureMessages.join('\n'))}`);
}

const sum = (count) => reports.reduce((total, report) => total + count(report), 0);
const failures = (report) => report.numFailedTests + (report.numTotalTests === 0 ? 1 : 0);
console.log(
  sum((report) => report.numPassedTests),
  sum(failures),
);

function firstLines(text) {
  return text.split('\n').slice(0, reportLines).join('\n');
}
