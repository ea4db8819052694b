// The tests of the guarantees are themselves tested: each wrong change of the lists is made in a copy of the project,
// and the test named beside it must fail. One that does not is a promise that nobody keeps watch over.
import { expect, inject, test } from 'vitest';
import { failures } from './failures.js';
import { filesystemFailures } from './filesystem-failures.js';
import { frontDoorFailures } from './front-door-failures.js';
import { liveFailures } from './live-failures.js';
import { gitFailures } from './git-failures.js';
import { invariants } from './invariants.js';
import { testOf } from './mutated-tree.js';

const all = [...invariants, ...failures, ...gitFailures, ...filesystemFailures, ...liveFailures, ...frontDoorFailures];
/** A run of CI tries a part of them, another one each day: all of them take a quarter of an hour of two cores. */
const partsOfCi = 4;
const today = Math.floor(Date.now() / 86_400_000);
const tried =
  process.env['WRONG_CHANGES'] === 'of-the-day' ? all.filter((_, at) => (at + today) % partsOfCi === 0) : all;

test.concurrent.each(tried.map((change) => [change.what, change] as const))('noticed: %s', async (_what, change) => {
  const servers = { databaseUrl: inject('databaseUrl'), temporalAddress: inject('temporalAddress') };
  const { failed, output } = await testOf(change, servers);
  expect(
    failed,
    `${change.test} has no failed test with ${change.replace} for ${change.find} in ${change.file}\n${output.slice(-4_000)}`,
  ).toBeGreaterThan(0);
});
