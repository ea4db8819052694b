// git: the commits of a repository, the files they changed and what became of its refs, read from our own mirror of it.
import { NeedsAttention } from '../../domain/errors.js';
import type { SourceContext } from '../../domain/source.js';
import { defineSource, type Chunk } from '../../domain/source.js';
import { eventTypes } from './catalogue.js';
import { cursor, initialCursor, type Cursor } from './cursor.js';
import { DamagedCopy } from './damaged-copy.js';
import { toEvents } from './events.js';
import { defaultIdOf, options, originOf, type GitOptions } from './options.js';
import { hasNews } from './origin-look.js';
import { planWalk } from './plan-walk.js';
import { readWalk } from './read-walk.js';
import { isRepository } from './repository-place.js';
import { mirrorExists, mirrorOf } from './mirror.js';
import { arePacksSound, areSealsUnbroken } from './pack-seals.js';
import { isNoteRecord, noteEvents } from './ref-records.js';
import { walkAt } from './walk-file.js';

export const git = defineSource<GitOptions, Cursor>({
  type: 'git',
  summary: 'commits, file changes, branches and tags of a git repository, by url or path',
  events: eventTypes,
  argument: 'url',
  recognises: isRepository,
  options,
  origin: originOf,
  defaultId: defaultIdOf,
  cursor,
  initialCursor,
  mapperVersion: 1,
  versionOrder: 'number',
  prepare: planWalk,
  hasNews,
  read,
  toEvents: (record) => (isNoteRecord(record) ? noteEvents(record) : toEvents(record)),
});

/** Times a copy is mended before the next chunk comes of it. */
const mendsMax = 3;

/** A copy that is damaged is mended, and reading goes on. A commit that git cannot read from a copy that is whole is told. */

async function* read(context: SourceContext<GitOptions>, from: Cursor): AsyncGenerator<Chunk<Cursor>, void, void> {
  let [place, damage, mends] = [from, undefined as DamagedCopy | undefined, 0];
  const unreadable = new Set<string>();
  for (;;) {
    try {
      for await (const chunk of readFrom(context, place, damage, unreadable)) {
        yield chunk;
        [place, damage, mends] = [chunk.cursor, undefined, 0];
      }
      return;
    } catch (error) {
      if (!(error instanceof DamagedCopy)) throw error;
      if (await isProved(context, error, damage, unreadable)) {
        unreadable.add(error.commit!);
        damage = undefined;
        continue;
      }
      if (++mends > mendsMax)
        throw new NeedsAttention(
          'git_mirror_damaged',
          `the mirror in ${context.directory} was made anew and is damaged again: look at that disk, and start again (${error.message})`,
        );
      damage = error;
    }
  }
}

/**
 * Whether it is the commit that cannot be read: it was read once more after the copy was found whole, or made anew. When that is
 * so of one, others are believed while the seals hold: each proof reads the whole mirror.
 */
async function isProved(
  context: SourceContext<GitOptions>,
  { commit }: DamagedCopy,
  mended: DamagedCopy | undefined,
  unreadable: ReadonlySet<string>,
): Promise<boolean> {
  if (commit === undefined || unreadable.has(commit)) return false;
  return mended?.commit === commit || (unreadable.size > 0 && (await areSealsUnbroken(mirrorOf(context))));
}

async function* readFrom(
  context: SourceContext<GitOptions>,
  from: Cursor,
  damage: DamagedCopy | undefined,
  unreadable: ReadonlySet<string>,
): AsyncGenerator<Chunk<Cursor>, void, void> {
  if (from.walk === null) return;
  const here = damage === undefined && (await isHere(context)) ? await walkAt(context.directory, from) : undefined;
  // Another machine, or the directory was lost or damaged: the mirror is made again. The same walk comes of it unless the
  // origin moved; then a new one, which has all of this one that the store may lack.
  const start = here === undefined ? (await planWalk(context, from, damage)).cursor : from;
  const walk = here ?? (await walkAt(context.directory, start));
  if (walk !== undefined) yield* readWalk(context, walk, start, unreadable);
}

async function isHere(context: SourceContext<GitOptions>): Promise<boolean> {
  const mirror = mirrorOf(context);
  return (await mirrorExists(mirror)) && arePacksSound(mirror);
}
