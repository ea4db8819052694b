// What `status` says of a part that ended by itself.
import { expect, test } from 'vitest';
import { partEndLines } from '../../../src/clients/stack/part-ends.js';
import type { PartStatus } from '../../../src/local/stack.js';

function part(name: PartStatus['name'], ends: PartStatus['ends']): PartStatus {
  return { name, pid: 1, running: true, ends };
}

const at = new Date(Date.now() - 120_000).toISOString();

test('a part that never ended by itself is not spoken of', () => {
  expect(partEndLines([part('worker', null), part('postgres', null)], 1)).toEqual([]);
});

test('a worker whose heap was full names the setting that gives it more', () => {
  const [line] = partEndLines([part('worker', { times: 2, at, how: 'signal SIGABRT' })], 400 * 1_024 * 1_024);
  expect(line).toMatch(
    /^worker ended by itself 2 times and was started again, the last time .* ago: it ran out of memory; it has .*, TRIBUTARY_MEMORY gives it more$/,
  );
});

test('any other end is told as it was', () => {
  expect(partEndLines([part('postgres', { times: 1, at, how: 'exit code 3' })], 1)).toEqual([
    expect.stringMatching(/^postgres ended by itself once and was started again, .*: exit code 3$/),
  ]);
});
