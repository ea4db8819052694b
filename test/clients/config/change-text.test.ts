// Words about changes.
import { expect, test } from 'vitest';
import { applyWords } from '../../../src/clients/config/change-text.js';

test('a hint to apply has the words of its plan: without them an apply would do something else', () => {
  expect(applyWords({})).toBe('');
  expect(applyWords({ prune: true, file: 'my sources.yaml', profile: 'dev' })).toBe(
    " --file 'my sources.yaml' --profile dev --prune",
  );
});
