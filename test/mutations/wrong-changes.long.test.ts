// The tests of the guarantees are themselves tested: each wrong change of the lists is made in a copy of the project,
// and the test named beside it must fail. One that does not is a promise that nobody keeps watch over.
import { expect, inject, test } from 'vitest';
import { failures } from './failures.js';
import { filesystemFailures } from './filesystem-failures.js';
import { gitFailures } from './git-failures.js';
import { invariants } from './invariants.js';
import { testOf } from './mutated-tree.js';

test.concurrent.each(
  [...invariants, ...failures, ...gitFailures, ...filesystemFailures].map((change) => [change.what, change] as const),
)('noticed: %s', async (_what, change) => {
  const servers = { databaseUrl: inject('databaseUrl'), temporalAddress: inject('temporalAddress') };
  const { failed, output } = await testOf(change, servers);
  expect(
    failed,
    `${change.test} has no failed test with ${change.replace} for ${change.find} in ${change.file}\n${output.slice(-4_000)}`,
  ).toBeGreaterThan(0);
});
