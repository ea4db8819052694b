// Which commits are new: what the new tips reach and the known ones do not. By reachability and never by date: a commit
// dated years ago and pushed today is new, and a clock that runs wrong loses nothing.
import { CommitObjects } from './commit-objects.js';
import { parseCommit } from './commit-parser.js';
import { year10000 } from './commit-time.js';
import { isMissingObject, type GitFailure } from './git-failure.js';
import { failureOr, startGit } from './git-process.js';
import { runMirror, shallowCommits, type Mirror } from './mirror.js';
import type { CommitKind, WalkEntry } from './walk-file.js';
import { NeedsAttention } from '../../domain/errors.js';
import { limits } from '../../limits.js';

/**
 * Parents before children. Ids that are no commits (a tag on a file) reach nothing. `since`, Unix time, leaves out what is
 * older and what is newer is still found behind it: git's own --since ends at the first old commit it meets.
 */
export async function* newCommits(mirror: Mirror, tips: Iterable<string>, known: Iterable<string>, since?: number): AsyncGenerator<WalkEntry, void, void> {
  const shallow = await shallowCommits(mirror);
  const times = since === undefined ? [] : ['--timestamp'];
  const git = startGit({ args: ['rev-list', '--topo-order', '--reverse', '--parents', ...times, '--stdin'], mirror: mirror.directory, signal: mirror.signal });
  const dates = new CommitDates(mirror);
  try {
    git.stdin.end([...[...tips].sort(), ...[...known].sort().map((id) => `^${id}`)].map((line) => `${line}\n`).join(''));
    let rest = '';
    git.stdout.setEncoding('latin1');
    for await (const chunk of git.stdout as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        if (since === undefined) yield entryOf(line, shallow);
        else if (!(await dates.isBefore(line, since))) yield entryOf(line.slice(line.indexOf(' ') + 1), shallow);
      }
    }
    const failure = await git.ended;
    if (failure !== undefined) throw listFailure(mirror, failure);
  } finally {
    git.kill();
    dates.close();
  }
}

/** Which commits are too old, by lines of `rev-list --timestamp`. A commit without a date is not known to be old: it stays. */
class CommitDates {
  readonly #mirror: Mirror;
  #objects: CommitObjects | undefined;

  constructor(mirror: Mirror) {
    this.#mirror = mirror;
  }

  async isBefore(line: string, since: number): Promise<boolean> {
    const [time, id] = line.split(' ', 2) as [string, string];
    // Of what is no number git makes 0, and of -1 it makes 2^64 - 1.
    const seconds = time === '0' || Number(time) >= year10000 ? await this.#written(id) : Number(time);
    return seconds !== null && seconds < since;
  }

  async #written(id: string): Promise<number | null> {
    this.#objects ??= new CommitObjects(this.#mirror);
    this.#objects.ask(id);
    const { bytes } = await this.#objects.next();
    const time = bytes === null ? null : parseCommit(bytes).committer?.when.time;
    return typeof time === 'string' ? Date.parse(time) / 1_000 : null;
  }

  close(): void {
    this.#objects?.close();
  }
}

function entryOf(line: string, shallow: ReadonlySet<string>): WalkEntry {
  const [id, ...parents] = line.split(' ') as [string, ...string[]];
  const merge: CommitKind = parents.length > limits.gitParentsMax ? 'o' : 'm';
  const kind: CommitKind = shallow.has(id) ? 's' : parents.length > 1 ? merge : '.';
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
