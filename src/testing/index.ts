// `tributary-events/testing`: whether a source keeps to its contract, as checks for any test runner, and fakes of what an
// engine would hand to a source, a stage or a processor.
export { fakeEngine, type FakeEngine, type FakeRun } from './fake-engine.js';
export { fakeEnrichableEvent, fakeProcessorContext, fakeStagedEvent } from './fake-event.js';
export { sourceChecks, type Check, type Subject } from './source-checks.js';
