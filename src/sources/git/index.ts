// git: the commits of a repository, the files they changed and what became of its refs, read from our own mirror of it.
import type { SourceContext } from '../../domain/source.js';
import { defineSource, type Chunk } from '../../domain/source.js';
import { cursor, initialCursor, type Cursor } from './cursor.js';
import { toEvents } from './events.js';
import { defaultIdOf, options, originOf, type GitOptions } from './options.js';
import { planWalk } from './plan-walk.js';
import { readWalk } from './read-walk.js';
import { mirrorExists, mirrorOf } from './mirror.js';
import { isNoteRecord, noteEvents } from './ref-records.js';
import { walkAt } from './walk-file.js';

export const git = defineSource<GitOptions, Cursor>({
  type: 'git',
  summary: 'commits, file changes, branches and tags of a git repository, by url or path',
  argument: 'url',
  options,
  origin: originOf,
  defaultId: defaultIdOf,
  cursor,
  initialCursor,
  mapperVersion: 1,
  prepare: planWalk,
  read,
  toEvents: (record) => (isNoteRecord(record) ? noteEvents(record) : toEvents(record)),
});

async function* read(context: SourceContext<GitOptions>, from: Cursor): AsyncGenerator<Chunk<Cursor>, void, void> {
  if (from.walk === null) return;
  const here = (await mirrorExists(mirrorOf(context))) ? await walkAt(context.directory, from) : undefined;
  // Another machine, or the directory was lost: the mirror is made again. The same walk comes of it unless the origin
  // moved; then a new one, which has all of this one that the store may lack.
  const start = here === undefined ? (await planWalk(context, from)).cursor : from;
  const walk = here ?? (await walkAt(context.directory, start));
  if (walk !== undefined) yield* readWalk(context, walk, start);
}
