// The workflow id of a source, and back.
import { expect, test } from 'vitest';
import { sourceOfWorkflow } from '../../src/domain/workflow-id.js';

test.each([
  ['sync/acme/api', 'acme/api'],
  ['scheduled/acme', undefined],
  ['acme/sync/', undefined],
  ['', undefined],
])('%s stands for %s', (workflowId, source) => {
  expect(sourceOfWorkflow(workflowId)).toBe(source);
});
