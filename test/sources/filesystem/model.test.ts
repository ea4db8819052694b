// Whatever is done to a tree, and wherever a run is killed: its events tell the tree that is on the disk.
import {
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { treeLimits } from '../../../src/sources/filesystem/limits.js';
import { tries } from '../../support/share.js';
import { onDisk, temporaryFolder, TreeRun } from './tree-run.js';

/** So that a look has several chunks to be killed between. */
(treeLimits as { chunkEvents: number }).chunkEvents = 2;

const path = fc.constantFrom('a', 'a-b', 'b', 'p/a', 'p/c', 'p/q/a', 'p-q/b', 'q/ü', 'q/\u{1F600}', 'q/\uFFFD');
const text = fc.constantFrom('', 'one', 'two', 'three');

type Step = (root: string) => void;
const doing = (step: Step) => step;

const steps = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(path, text).map(([at, what]) => doing((root) => write(root, at, what))) },
  { weight: 3, arbitrary: fc.tuple(path, path).map(([from, to]) => doing((root) => renameSync(join(root, from), join(root, to)))) },
  { weight: 2, arbitrary: path.map((at) => doing((root) => rmSync(join(root, at), { recursive: true }))) },
  { weight: 1, arbitrary: fc.constantFrom('p', 'p/q', 'q').map((at) => doing((root) => renameSync(join(root, at), join(root, `${at}-moved`)))) },
  { weight: 1, arbitrary: fc.tuple(path, fc.constantFrom(0o600, 0o644, 0o755)).map(([at, mode]) => doing((root) => chmodSync(join(root, at), mode))) },
  { weight: 1, arbitrary: path.map((at) => doing((root) => utimesSync(join(root, at), 1, 1))) },
  { weight: 1, arbitrary: fc.tuple(path, path).map(([at, to]) => doing((root) => swap(root, at, () => symlinkSync(to, join(root, at))))) },
  { weight: 1, arbitrary: path.map((at) => doing((root) => swap(root, at, () => mkdirSync(join(root, at))))) },
  { weight: 1, arbitrary: fc.tuple(path, path).map(([at, to]) => doing((root) => linkSync(join(root, at), join(root, to)))) },
  { weight: 1, arbitrary: fc.tuple(path, path).map(([at, to]) => doing((root) => moveAsCopy(root, at, to))) },
  { weight: 1, arbitrary: fc.tuple(path, text).map(([at, what]) => doing((root) => save(root, at, what))) },
); // prettier-ignore

function write(root: string, at: string, what: string): void {
  mkdirSync(dirname(join(root, at)), { recursive: true });
  writeFileSync(join(root, at), what);
}

function swap(root: string, at: string, make: () => void): void {
  mkdirSync(dirname(join(root, at)), { recursive: true });
  rmSync(join(root, at), { recursive: true, force: true });
  make();
}

/** As between two disks: another inode, the same bytes. */
function moveAsCopy(root: string, at: string, to: string): void {
  cpSync(join(root, at), join(root, to), { errorOnExist: true, force: false });
  rmSync(join(root, at));
}

/** As editors do. */
function save(root: string, at: string, what: string): void {
  write(root, `${at}.tmp`, what);
  renameSync(join(root, `${at}.tmp`), join(root, at));
}

/** Killed: after so many chunks, and read on by the same run, or by a new one. */
const looking = fc.record({
  killedAfter: fc.option(fc.nat({ max: 4 }), { nil: undefined }),
  meanwhile: fc.array(steps, { maxLength: 2 }),
  byNewRun: fc.boolean(),
});

function attempt(step: Step, root: string): void {
  try {
    step(root);
  } catch {
    // What cannot be done to this tree is not done.
  }
}

test('whatever is done to a tree and wherever runs are killed, its events tell the tree on the disk, and none has the id of another', async () => {
  const rounds = fc.array(fc.tuple(fc.array(steps, { minLength: 1, maxLength: 6 }), looking), { minLength: 1, maxLength: 6 }); // prettier-ignore
  await fc.assert(
    fc.asyncProperty(rounds, async (given) => {
      const root = temporaryFolder();
      // An empty folder is never believed.
      write(root, 'kept', 'always');
      const run = new TreeRun(root, { gitignore: false });
      for (const [changes, { killedAfter, meanwhile, byNewRun }] of given) {
        for (const step of changes) attempt(step, root);
        if (killedAfter !== undefined && !(await run.prepare())) {
          await run.readOn(killedAfter);
          for (const step of meanwhile) attempt(step, root);
          if (!byNewRun) await run.readOn();
        }
        await run.sync();
        expect(run.told()).toEqual(onDisk(root));
        expect(new Set(run.events.map(({ id }) => id)).size).toBe(run.events.length);
        expect(await run.sync()).toEqual([]);
      }
      rmSync(root, { recursive: true });
    }),
    { numRuns: tries(50, 1_000) },
  );
});
