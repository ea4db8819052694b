// Commits that are stored without something that could not be read then, and can be read now: the origin got the object back,
// the copy that was damaged is a new one, or this git reads what another could not.
import type { SourceContext } from '../../domain/source.js';
import { DamagedCopy } from './damaged-copy.js';
import { DiffProcess } from './diff-process.js';
import { changesCommand, diffRequestOf } from './diff-request.js';
import { presentIn, type Mirror } from './mirror.js';
import type { GitOptions } from './options.js';

/** Found by reading each: what was missing may have been its tree, or one file of it. */
export async function completable(context: SourceContext<GitOptions>, mirror: Mirror): Promise<string[]> {
  const ids = (await context.incomplete('git.commit')).filter((id) => /^[0-9a-f]{40,64}$/.test(id));
  const readable: string[] = [];
  for (const id of await presentIn(mirror, ids)) if (await isReadable(context.options, mirror, id)) readable.push(id);
  return readable;
}

async function isReadable(options: GitOptions, mirror: Mirror, id: string): Promise<boolean> {
  const git = new DiffProcess(mirror, changesCommand(diffRequestOf(options), mirror.directory));
  try {
    git.ask(id);
    git.endTurn();
    return (await git.next()).problem !== 'missing_object';
  } catch (error) {
    if (error instanceof DamagedCopy) return false;
    throw error;
  } finally {
    git.close();
  }
}
