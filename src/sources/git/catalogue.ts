// The event types of git: what a line says of each, how they are searched, and by which fields code is found. Their views
// are in sql/, with indexes of their own; the columns below are those that are fields of the data as they stand.
import type { CodeFields, EventFacts, EventType, ViewColumn } from '../../domain/catalogue.js';
import type { Json } from '../../domain/event.js';

type Data = EventFacts['data'];

const commit: EventType = {
  type: 'git.commit',
  summary: 'a commit, with its author, its message and the number of lines it changed',
  stability: 'stable',
  about: ({ data }) => text(data.subject),
  // The message begins with the subject.
  embed: ['message'],
  filters: { author: true, commit: 'id' },
  code: ({ sha, author }) => ({ code_event_type: 'commit', git_commit: text(sha), git_author: person(author) }),
  view: {
    name: 'git_commits',
    columns: [
      column('tree', 'text'),
      column('author_name', 'text', 'author.name'),
      column('author_email', 'text', 'author.email'),
      column('author_time', 'timestamptz', 'author.time'),
      column('committer_name', 'text', 'committer.name'),
      column('committer_email', 'text', 'committer.email'),
      column('committer_time', 'timestamptz', 'committer.time'),
      column('message', 'text'),
      column('files', 'bigint', 'stats.files'),
      column('additions', 'bigint', 'stats.additions'),
      column('deletions', 'bigint', 'stats.deletions'),
      column('trailers', 'jsonb'),
    ],
  },
};

const fileChange: EventType = {
  type: 'git.file_change',
  summary: 'a file that a commit added, changed, moved or deleted',
  stability: 'stable',
  about: ({ data, subject }) => (text(data.path) === subject ? text(data.change) : text(data.path)),
  words: false,
  // Of a file its path says most.
  embed: ['path'],
  filters: { path: true, commit: { of: 'git.commit' } },
  code: codeOfChange,
  view: {
    name: 'git_file_changes',
    columns: [
      column('commit', 'text'),
      column('path', 'text'),
      column('old_path', 'text', 'oldPath'),
      column('change', 'text'),
      column('additions', 'bigint'),
      column('deletions', 'bigint'),
      column('is_binary', 'boolean', 'binary'),
      column('mode', 'text'),
      column('language', 'text'),
    ],
  },
};

const moved = 'where it was and where it is';
export const eventTypes: readonly EventType[] = [
  commit,
  fileChange,
  ref('git.ref_created', `a branch or another ref that is new: ${moved}`),
  ref('git.ref_moved', `a ref that went forward: ${moved}`),
  ref('git.ref_rewritten', 'a ref that left commits behind: a force-push, a rebase, a reset'),
  ref('git.ref_deleted', 'a ref that is gone'),
  ref('git.tag_created', 'a tag that is new, with its tagger and message'),
  ref('git.tag_moved', 'a tag that stands for something else now'),
  ref('git.tag_deleted', 'a tag that is gone'),
  ref('git.default_branch_changed', 'HEAD stands for another branch'),
  reached('git.commit_unreachable', 'a commit that no followed ref reaches any more', 'left behind by'),
  reached('git.commit_reachable', 'a commit that a ref reaches again', 'reached again by'),
];

function column(name: string, type: ViewColumn['type'], path = name): ViewColumn {
  return { name, type, path };
}

function ref(type: string, summary: string): EventType {
  return { type, summary, stability: 'stable', about: ({ data }) => movedText(data) };
}

function reached(type: string, summary: string, how: string): EventType {
  return {
    type,
    summary,
    stability: 'stable',
    about: ({ data }) => (text(data.ref) === undefined ? null : `${how} ${text(data.ref)}`),
  };
}

/** Ids as short as git shows them. */
function movedText({ from, to }: Data): string | null {
  if (typeof from !== 'string' && typeof to !== 'string') return null;
  const [before, after] = [from, to].map((end) =>
    typeof end !== 'string' ? 'nothing' : /^[0-9a-f]{40,64}$/.test(end) ? end.slice(0, 10) : end,
  );
  return `${before} → ${after}`;
}

function codeOfChange({ change, path, language, commit: id, author, symbols }: Data): CodeFields {
  return {
    code_event_type: `file_${text(change) ?? 'modified'}`,
    file_path: text(path),
    language: text(language),
    git_commit: text(id),
    git_author: person(author),
    ...symbolOf(symbols),
  };
}

/** A change may touch several; the first stands for it, all are in the data. */
function symbolOf(symbols: Json | undefined): CodeFields {
  const first = Array.isArray(symbols) ? symbols[0] : undefined;
  if (typeof first === 'string') return { symbol_name: text(first) };
  if (typeof first !== 'object' || first === null || Array.isArray(first)) return {};
  return { symbol_name: text(first.name), symbol_type: text(first.type) };
}

/** As git writes a person. */
function person(value: Json | undefined): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return text(value);
  const [name, email] = [text(value.name), text(value.email)];
  return email === undefined ? name : `${name === undefined ? '' : `${name} `}<${email}>`;
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
