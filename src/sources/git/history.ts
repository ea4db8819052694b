// Which commits are new: what the new tips reach and the known ones do not. By reachability and never by date: a commit
// dated years ago and pushed today is new, and a clock that runs wrong loses nothing.
import { isMissingObject, type GitFailure } from './git-failure.js';
import { failureOr, startGit } from './git-process.js';
import { runMirror, shallowCommits, type Mirror } from './mirror.js';
import type { CommitKind, WalkEntry } from './walk-file.js';
import { NeedsAttention } from '../../domain/errors.js';

/** Parents before children. Ids that are no commits (a tag on a file) reach nothing. */
export async function* newCommits(mirror: Mirror, tips: Iterable<string>, known: Iterable<string>): AsyncGenerator<WalkEntry, void, void> {
  const shallow = await shallowCommits(mirror);
  const git = startGit({ args: ['rev-list', '--topo-order', '--reverse', '--parents', '--stdin'], mirror: mirror.directory, signal: mirror.signal });
  try {
    git.stdin.end([...[...tips].sort(), ...[...known].sort().map((id) => `^${id}`)].map((line) => `${line}\n`).join(''));
    let rest = '';
    git.stdout.setEncoding('latin1');
    for await (const chunk of git.stdout as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) yield entryOf(line, shallow);
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

/** Those of the old tips that no new tip reaches. */
export async function unreachable(mirror: Mirror, old: readonly string[], tips: Iterable<string>): Promise<string[]> {
  if (old.length === 0) return [];
  const input = [...old, ...[...tips].map((id) => `^${id}`)].map((line) => `${line}\n`).join('');
  const commits = (await runMirror(mirror, ['rev-list', '--stdin'], input)).toString().split('\n');
  const gone = new Set(commits);
  return old.filter((id) => gone.has(id));
}
