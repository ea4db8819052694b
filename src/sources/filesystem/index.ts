// filesystem: the files, folders and links below a folder, and what becomes of them. The truth is a look at the tree, held
// against rows of state; so what changed while nothing ran is found, and what came and went between two looks is not.
//
// What file systems really do: ctime is the kernel's clock at the last change of contents or attributes, and nobody can set it;
// mtime is what programs say (tar, rsync and `touch -d` set it to the past). Both are ticks of some milliseconds, two seconds on
// FAT. An inode's number is used again after a deletion, often at once; with its birth (statx) it is never used twice. A name is
// any bytes but / and NUL, in any normal form. A folder's mtime changes with its entries, a rename changes the ctime of what moved.
import { defineSource } from '../../domain/source.js';
import { audit } from './audit.js';
import { eventTypes } from './catalogue.js';
import { cursor, initialCursor, type Cursor } from './cursor.js';
import { toEvents } from './events.js';
import { hasNews, prepare, read } from './looks.js';
import { defaultIdOf, options, originOf, type TreeOptions } from './options.js';

export const filesystem = defineSource<TreeOptions, Cursor>({
  type: 'filesystem',
  summary: 'files, folders and links below a folder: created, modified, renamed, deleted',
  events: eventTypes,
  argument: 'root',
  argumentIsPath: true,
  options,
  origin: originOf,
  defaultId: defaultIdOf,
  cursor,
  initialCursor,
  mapperVersion: 1,
  versionOrder: 'number',
  prepare,
  hasNews,
  read,
  audit,
  toEvents,
});
