// The lists of wrong changes are as old as the code they change: a place that moved on is told here, not after minutes.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { failures } from './failures.js';
import { filesystemFailures } from './filesystem-failures.js';
import { frontDoorFailures } from './front-door-failures.js';
import { liveFailures } from './live-failures.js';
import { gitFailures } from './git-failures.js';
import { invariants } from './invariants.js';
import { wrong } from './mutated-tree.js';

const changes = [
  ...invariants,
  ...failures,
  ...gitFailures,
  ...filesystemFailures,
  ...liveFailures,
  ...frontDoorFailures,
];

test.each(changes.map((change) => [change.what, change] as const))(
  '%s: its place and its test are there',
  (_what, change) => {
    expect(wrong(packageRoot, change)).toContain(change.replace);
    expect(existsSync(join(packageRoot, change.test))).toBe(true);
  },
);

test('no two have one name', () => {
  expect(new Set(changes.map(({ what }) => what)).size).toBe(changes.length);
});

test('a place that is not there, or there twice, is told', () => {
  const [change] = changes;
  expect(() => wrong(packageRoot, { ...change!, find: 'nothing of the kind' })).toThrow(
    /has 0 places that read "nothing of the kind"/,
  );
  expect(() => wrong(packageRoot, { ...change!, find: 'await' })).toThrow(/expected one: mend the list/);
});
