// Made-up git events as the git source's mapper writes them, for the bench of `events`: shares, not counts, are what a
// query's cost depends on, so authors, paths and words follow a power law, and some occur only long ago.
import type { EventDraft, JsonObject, Priority } from '../src/domain/event.js';

export const historySources = ['acme/api', 'acme/web', 'acme/tools', 'acme/docs'] as const;

const [startMs, endMs] = [Date.UTC(2012, 0, 1), Date.UTC(2026, 0, 1)];
/** As real histories have them: 4 files in the mean, and one import of a whole tree. */
const filesPerCommit = 4;
const importFiles = 5_000;
const [authors, paths, words] = [800, 20_000, 4_000];
/** A folder that was deleted, and a word nobody uses any more, both in the first tenth: matches that are many and all old. */
const oldShare = 0.1;

export interface MadeCommit {
  readonly source: string;
  readonly drafts: readonly EventDraft[];
}

/** Commits in the order of their times until there are `events` events. */
export function* eventHistory(events: number): Generator<MadeCommit, void, void> {
  let made = 0;
  for (let at = 0; made < events; at++) {
    const drafts = commitDrafts(at, made / events, made, events).slice(0, events - made);
    made += drafts.length;
    yield { source: historySources[Math.floor(random(1, at) ** 2 * historySources.length)]!, drafts };
  }
}

function commitDrafts(at: number, share: number, made: number, events: number): EventDraft[] {
  const sha = shaOf(at);
  const time = new Date(startMs + share * (endMs - startMs)).toISOString().replace(/\.\d+/, '');
  const author = authorAt(skewed(2, at, authors));
  const old = share < oldShare;
  const files =
    at === 100
      ? Math.min(importFiles, Math.floor(events / 20))
      : 1 + Math.floor(random(3, at) * (2 * filesPerCommit - 1));
  const person = { ...author, time };
  const subject = sentence(at, old);
  const data: JsonObject = {
    author: person,
    committer: person,
    message: `${subject}\n\n${sentence(at + 0.5, old)}\n`,
    parents: at === 0 ? [] : [shaOf(at - 1)],
    sha,
    stats: { additions: at % 90, deletions: at % 40, files },
    subject,
    tree: shaOf(-at - 1),
  };
  const commit: EventDraft = {
    type: 'git.commit',
    identity: { kind: 'immutable', key: sha },
    subject: sha,
    time,
    data,
  };
  const changed = Array.from({ length: files }, (_, part) =>
    changeDraft(
      sha,
      time,
      files === importFiles ? `import/file${part}.c` : pathAt(skewed(4 + part, at, paths), old),
      part,
    ),
  );
  const moved: EventDraft[] =
    made % 50 === 0
      ? [
          {
            type: 'git.ref_moved',
            identity: { kind: 'immutable', key: `ref:${sha}` },
            subject: 'refs/heads/main',
            time,
            priority: (at % 20 === 0 ? 4 : 3) as Priority,
            data: { name: 'refs/heads/main', new: sha },
          },
        ]
      : [];
  return [commit, ...changed, ...moved];
}

function changeDraft(commit: string, time: string, path: string, part: number): EventDraft {
  const data = {
    additions: part,
    binary: false,
    change: 'modified',
    commit,
    deletions: 1,
    language: 'TypeScript',
    mode: '100644',
    path,
  };
  return {
    type: 'git.file_change',
    identity: { kind: 'immutable', key: `${commit}:${path}#${part}` },
    subject: path,
    time,
    data,
  };
}

/** 40 hex digits, the same for the same commit. */
export function shaOf(at: number): string {
  return Array.from({ length: 5 }, (_, part) =>
    Math.floor(random(90 + part, at) * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
}

export function authorAt(number: number): { name: string; email: string } {
  return { name: `Given${number % 97} Family${number}`, email: `given${number}@example.org` };
}

export function pathAt(number: number, old: boolean): string {
  return `${old && number % 3 === 0 ? 'legacy' : 'src'}/part${number % 40}/module${number % 400}/file${number}.ts`;
}

function sentence(at: number, old: boolean): string {
  const chosen = Array.from({ length: 9 }, (_, part) => wordAt(skewed(40 + part, at, words)));
  return [...chosen, ...(old && at % 2 === 0 ? ['subversion'] : [])].join(' ');
}

export function wordAt(number: number): string {
  return `w${number.toString(36)}ord`;
}

/** Below `below`, the small ones far more often: number n about as often as 1/n. */
function skewed(stream: number, at: number, below: number): number {
  return Math.floor(below ** random(stream, at)) - 1;
}

/** In [0, 1): a function of both, so that any reader makes the same history. */
function random(stream: number, at: number): number {
  let z = (Math.imul(Math.floor(at * 2) + 1, 0x9e3779b9) + Math.imul(stream + 1, 0x85ebca6b)) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return ((z ^ (z >>> 15)) >>> 0) / 0x1_0000_0000;
}
