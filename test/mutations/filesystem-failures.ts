// Those of the table of failures that are the file system's: disks that are not mounted, folders that cannot be read, files that
// are being written, readers that are stopped.
import type { WrongChange } from './mutated-tree.js';

const hostile = 'test/sources/filesystem/hostile-trees.test.ts';
const changes = 'test/sources/filesystem/changes.test.ts';

export const filesystemFailures: readonly WrongChange[] = [
  {
    what: 'a disk is not mounted: the folder in its place is believed',
    file: 'src/sources/filesystem/gone.ts',
    find: 'factsOf(print).body !== factsOf(row.print).body',
    replace: 'factsOf(print).letter !== factsOf(row.print).letter',
    test: hostile,
    named: 'another folder is in its place',
  },
  {
    what: 'the root is empty: it is believed',
    file: 'src/sources/filesystem/findings.ts',
    find: 'if (pass.seen === 0) return',
    replace: 'if (pass.seen < 0) return',
    test: hostile,
    named: 'that is empty deletes nothing',
  },
  {
    what: 'a folder may not be read: what is below it is gone',
    file: 'src/sources/filesystem/manifest.ts',
    find: 'if (print === unseen) blind = key;',
    replace: 'if (print === unseen) blind = undefined;',
    test: hostile,
    named: 'all below it stays as it was known',
  },
  {
    what: 'a file is being written: what it was called before is told deleted',
    file: 'src/sources/filesystem/telling.ts',
    find: 'if (this.#isNewWaiting) this.#leave();',
    replace: 'if (this.#cursor.look < 0) this.#leave();',
    test: changes,
    named: 'a rename is one event',
  },
  {
    what: 'a file changed within a tick of its clock: it is not read again',
    file: 'src/sources/filesystem/findings.ts',
    find: 'row.racy === undefined &&',
    replace: '',
    test: changes,
    named: 'its times may not tell',
  },
  {
    what: 'a reader is stopped in the middle of a look: a file gets two events of one id',
    file: 'src/sources/filesystem/telling.ts',
    find: 'return row !== undefined && row.at >= this.#cursor.look;',
    replace: 'return row !== undefined && row.at > this.#cursor.look;',
    test: 'test/sources/filesystem/model.test.ts',
  },
];
