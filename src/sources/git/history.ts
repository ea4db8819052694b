// Which commits are new: what the new tips reach and the known ones do not. By reachability and never by date: a commit
// dated years ago and pushed today is new, and a clock that runs wrong loses nothing.
import { isMissingObject, type GitFailure } from './git-failure.js';
import { failureOr, startGit } from './git-process.js';
import { shallowCommits, type Mirror } from './mirror.js';
import type { CommitKind, WalkEntry } from './walk-file.js';
import { NeedsAttention } from '../../domain/errors.js';

/** Parents before children. Ids that are no commits (a tag on a file) reach nothing. */
export async function* newCommits(mirror: Mirror, tips: Iterable<string>, known: Iterable<string>): AsyncGenerator<WalkEntry, void, void> {
  const shallow = await shallowCommits(mirror);
  for await (const line of revisions(mirror, ['--topo-order', '--reverse', '--parents'], tips, known)) yield entryOf(line, shallow);
}

/** The lines of `git rev-list`, of all that `tips` reach and `known` do not. */
export async function* revisions(mirror: Mirror, options: readonly string[], tips: Iterable<string>, known: Iterable<string>): AsyncGenerator<string, void, void> {
  const git = startGit({ args: ['rev-list', ...options, '--stdin'], mirror: mirror.directory, signal: mirror.signal });
  try {
    git.stdin.end([...[...tips].sort(), ...[...known].sort().map((id) => `^${id}`)].map((line) => `${line}\n`).join(''));
    let rest = '';
    git.stdout.setEncoding('latin1');
    for await (const chunk of git.stdout as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    const failure = await git.ended;
    if (failure !== undefined) throw listFailure(mirror, failure);
  } finally {
    git.kill();
  }
}

function entryOf(line: string, shallow: ReadonlySet<string>): WalkEntry {
  const [id, , second] = line.split(' ') as [string, string?, string?];
  const kind: CommitKind = shallow.has(id) ? 's' : second === undefined ? '.' : 'm';
  return { id, kind };
}

function listFailure({ signal }: Mirror, failure: GitFailure): Error {
  if (isMissingObject(failure)) {
    return new NeedsAttention('git_history_damaged', `the history cannot be listed: a commit is missing or damaged. Run git fsck at the origin (git said: ${failure.stderr})`);
  }
  return failureOr(signal, failure);
}

/**
 * Gives each commit that `frontier` reaches, and `known` do not, with the least number among the starts that reach it.
 * Children come before parents, so what is remembered is only the edge: when it is done, `frontier` holds the commits
 * just outside, those that `known` reach.
 */
export async function* claimed(mirror: Mirror, frontier: Map<string, number>, known: Iterable<string>): AsyncGenerator<{ id: string; number: number }, void, void> {
  if (frontier.size === 0) return;
  for await (const line of revisions(mirror, ['--topo-order', '--parents'], frontier.keys(), known)) {
    const [id, ...parents] = line.split(' ') as [string, ...string[]];
    const number = frontier.get(id)!;
    frontier.delete(id);
    for (const parent of parents) frontier.set(parent, Math.min(number, frontier.get(parent) ?? number));
    yield { id, number };
  }
}
