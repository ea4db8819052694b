// Which source a repository's commits belong to: the one that reads this very repository.
import { InvalidInput } from '../../domain/errors.js';
import { localPath } from '../../sources/git/options.js';
import type { SourceStatus } from '../../store/reading/source-status.js';
import { originsOf, realPath, type Repository } from './repository.js';

type Known = Pick<SourceStatus, 'id' | 'type' | 'origin'>;

export function findSourceOf(repository: Repository, known: readonly Known[]): string {
  const found = known.filter((source) => readsFrom(source, repository)).map(({ id }) => id);
  const [id, ...others] = found;
  const place = JSON.stringify(repository.workTree ?? repository.gitDirectory);
  if (id === undefined)
    throw new InvalidInput(
      'id',
      `no source reads ${place} yet; run \`tributary sync git\` there once, or name the source with --id`,
    );
  if (others.length > 0) throw new InvalidInput('id', `${found.join(', ')} all read ${place}; say which with --id`);
  return id;
}

/** Throws where the source is known and reads something else. */
export function checkSourceOf(repository: Repository, known: readonly Known[], id: string): void {
  const source = known.find((one) => one.id === id);
  if (source === undefined) throw new InvalidInput('id', `no source ${id} is known; \`tributary status\` lists them`);
  if (!readsFrom(source, repository))
    throw new InvalidInput('id', `${id} is a ${source.type} source that reads ${source.origin}, not this repository`);
}

function readsFrom({ type, origin }: Known, repository: Repository): boolean {
  const path = type === 'git' ? localPath(origin) : undefined;
  return path !== undefined && originsOf(repository).includes(realPath(path));
}
