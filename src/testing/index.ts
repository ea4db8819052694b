// `tributary/testing`: whether a source keeps to its contract, as checks for any test runner.
export { sourceChecks, type Check, type Subject } from './source-checks.js';
