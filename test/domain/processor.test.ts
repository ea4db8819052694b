// What a worker's processors must be like; wrong ones are refused at its start, by name.
import { expect, test } from 'vitest';
import { checkProcessors, type Processor } from '../../src/domain/processor.js';
import { limits } from '../../src/limits.js';
import { startWorker } from '../../src/workers/worker.js';

const fine: Processor = { name: 'fine', canProcess: () => true, enrich: () => null };

test.each<[string, Partial<Processor>[], string]>([
  ['no name', [{ name: '' }], 'processors.0.name'],
  ['a name jsonb should not have', [{}, { name: 'a"b' }], 'processors.1.name'],
  ['the same name twice', [{}, {}], 'processors.1.name'],
  ['the name under which stages note', [{ name: 'context' }], 'processors.0.name'],
  ['no time at all', [{ timeoutMs: 0 }], 'processors.0.timeoutMs'],
  ['too much time', [{ timeoutMs: limits.enrichMsMax + 1 }], 'processors.0.timeoutMs'],
  ['too many', Array.from({ length: limits.processorsMax + 1 }, (_, at) => ({ name: `p${at}` })), 'processors'],
])('%s is refused', (_what, parts, field) => {
  expect(() => checkProcessors(parts.map((part) => ({ ...fine, ...part })))).toThrow(
    expect.objectContaining({ name: 'InvalidInput', field }),
  );
});

test('as little and as much time as may be is taken', () => {
  const given = [1, limits.enrichMsMax].map((timeoutMs) => ({ ...fine, name: `p${timeoutMs}`, timeoutMs }));
  expect(() => checkProcessors(given)).not.toThrow();
});

test.each<[string, Partial<Processor>[], string]>([
  [
    'a circle',
    [
      { name: 'a', dependencies: ['b'] },
      { name: 'b', dependencies: ['a'] },
    ],
    'a → b → a',
  ],
  ['a name of a built-in one', [{ name: 'metadata' }], 'metadata is taken'],
  ['a missing dependency', [{ dependencies: ['gone'] }], 'needs gone'],
])('a worker with %s does not start', async (_what, parts, message) => {
  const nowhere = {
    pool: undefined as never,
    temporalAddress: '127.0.0.1:1',
    namespace: 'default',
    taskQueue: 'q',
    home: '/',
    recentHashesMax: 0,
  };
  await expect(startWorker({ ...nowhere, processors: parts.map((part) => ({ ...fine, ...part })) })).rejects.toThrow(
    message,
  );
});
