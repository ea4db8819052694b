// Which commits are new: what the new tips reach and the known ones do not. By reachability and never by date: a commit
// dated years ago and pushed today is new, and a clock that runs wrong loses nothing.
import { CommitObjects } from './commit-objects.js';
import { parseCommit } from './commit-parser.js';
import { year10000 } from './commit-time.js';
import { missingInMirror, readFailure } from './damaged-copy.js';
import { startGit } from './git-process.js';
import { shallowCommits, type Mirror } from './mirror.js';
import type { CommitKind, WalkEntry } from './walk-file.js';
import { gitLimits } from './limits.js';

/**
 * Parents before children. Ids that are no commits (a tag on a file) reach nothing. `since`, Unix time, leaves out what
 * is older; what is newer is still found behind it: git's own --since ends at the first old commit it meets.
 */
export async function* newCommits(
  mirror: Mirror,
  tips: Iterable<string>,
  known: Iterable<string>,
  since?: number,
): AsyncGenerator<WalkEntry, void, void> {
  const shallow = await cutCommits(mirror);
  const times = since === undefined ? [] : ['--timestamp'];
  const dates = new CommitDates(mirror);
  try {
    for await (const line of revisions(mirror, ['--topo-order', '--reverse', '--parents', ...times], tips, known)) {
      if (since === undefined) yield entryOf(line, shallow);
      else if (!(await dates.isBefore(line, since))) yield entryOf(line.slice(line.indexOf(' ') + 1), shallow);
    }
  } finally {
    dates.close();
  }
}

/** These commits, which are here, and none that they reach. */
export async function* theseCommits(mirror: Mirror, ids: readonly string[]): AsyncGenerator<WalkEntry, void, void> {
  const shallow = await cutCommits(mirror);
  if (ids.length === 0) return;
  for await (const line of revisions(mirror, ['--no-walk=unsorted', '--parents'], ids, []))
    yield entryOf(line, shallow);
}

/** git names in `shallow` all commits at the depth asked for, a root too; that one lacks no parents and is read like others. */
async function cutCommits(mirror: Mirror): Promise<ReadonlySet<string>> {
  const [named, cut] = [await shallowCommits(mirror), new Set<string>()];
  if (named.size === 0) return named;
  const objects = new CommitObjects(mirror);
  try {
    for (const id of named) {
      objects.ask(id);
      const { bytes } = await objects.next();
      if (bytes === null || parseCommit(bytes).parents.length > 0) cut.add(id);
    }
    return cut;
  } finally {
    objects.close();
  }
}

/** The lines of `git rev-list`, of all that `tips` reach and `known` do not. */
export async function* revisions(
  mirror: Mirror,
  options: readonly string[],
  tips: Iterable<string>,
  known: Iterable<string>,
): AsyncGenerator<string, void, void> {
  const git = startGit({ args: ['rev-list', ...options, '--stdin'], mirror: mirror.directory, signal: mirror.signal });
  try {
    git.stdin.end(
      [...[...tips].sort(), ...[...known].sort().map((id) => `^${id}`)].map((line) => `${line}\n`).join(''),
    );
    let rest = '';
    git.stdout.setEncoding('latin1');
    for await (const chunk of git.stdout as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    const failure = await git.ended;
    if (failure !== undefined) throw readFailure(mirror.signal, failure);
  } finally {
    git.kill();
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
    if (bytes === null) throw missingInMirror(id);
    const time = parseCommit(bytes).committer?.when.time;
    return typeof time === 'string' ? Date.parse(time) / 1_000 : null;
  }

  close(): void {
    this.#objects?.close();
  }
}

function entryOf(line: string, shallow: ReadonlySet<string>): WalkEntry {
  const [id, ...parents] = line.split(' ') as [string, ...string[]];
  const merge: CommitKind = parents.length > gitLimits.parentsMax ? 'o' : 'm';
  const kind: CommitKind = shallow.has(id) ? 's' : parents.length > 1 ? merge : '.';
  return { id, kind };
}

/**
 * Gives each commit that `frontier` reaches, and `known` do not, with the least number among the starts that reach it.
 * Children come before parents, so what is remembered is only the edge: when it is done, `frontier` holds the commits
 * just outside, those that `known` reach.
 */
export async function* claimed(
  mirror: Mirror,
  frontier: Map<string, number>,
  known: Iterable<string>,
): AsyncGenerator<{ id: string; number: number }, void, void> {
  if (frontier.size === 0) return;
  for await (const line of revisions(mirror, ['--topo-order', '--parents'], frontier.keys(), known)) {
    const [id, ...parents] = line.split(' ') as [string, ...string[]];
    const number = frontier.get(id)!;
    frontier.delete(id);
    for (const parent of parents) frontier.set(parent, Math.min(number, frontier.get(parent) ?? number));
    yield { id, number };
  }
}
