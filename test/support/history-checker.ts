// A whole history in Postgres beside what git says of it (git-word.ts), field by field: every commit that a ref reaches, every
// file it changed, every ref and tag; and nothing else is there. Also used outside of tests (bench/histories.ts), so it knows
// nothing of vitest.
import { isUtf8 } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../src/domain/event.js';
import type { Pool } from '../../src/store/pool.js';
import {
  headerEnd,
  saidByGit,
  type Asked,
  type SaidCommit,
  type SaidFile,
  type SaidPerson,
  type SaidRef,
} from './git-word.js';

export interface HistoryVerdict {
  readonly commits: number;
  readonly changes: number;
  readonly refs: number;
  readonly fields: number;
  readonly differences: number;
  /** The first few: what, which field, git's and ours. */
  readonly first: readonly string[];
}

interface Row {
  readonly type: string;
  readonly subject: string | null;
  readonly data: JsonObject;
  readonly flags: readonly string[];
  readonly time: Date | null;
}

const shown = 20;

class Comparison {
  readonly #all: string[] = [];
  fields = 0;

  same(of: string, field: string, git: unknown, ours: unknown): void {
    this.fields++;
    if (!isDeepStrictEqual(git, ours)) this.#all.push(`${of} ${field}: git ${brief(git)}, stored ${brief(ours)}`);
  }

  get differences(): { differences: number; first: string[] } {
    return { differences: this.#all.length, first: this.#all.slice(0, shown) };
  }
}

const brief = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 300);

export async function checkHistory(
  pool: Pool,
  source: string,
  path: string,
  given: Partial<Asked> = {},
): Promise<HistoryVerdict> {
  const asked = { refs: ['HEAD', 'refs/heads/*', 'refs/tags/*'], renames: true, copies: false, ...given };
  const said = saidByGit(path, asked);
  const comparison = new Comparison();
  const { commits, files } = await storedOf(pool, source);
  for (const [id, commit] of said.commits) {
    const row = commits.get(id);
    comparison.same(id, 'commit', true, row !== undefined);
    if (row !== undefined) compareCommit(comparison, id, commit, row);
    compareFiles(comparison, id, commit, files.get(id) ?? new Map<string, Row>());
  }
  for (const id of await invented(pool, source, new Set(said.commits.keys())))
    comparison.same(id, 'commit', 'none', 'stored');
  await compareRefs(comparison, pool, source, said.refs, said.branch);
  const changes = [...files.values()].reduce((total, { size }) => total + size, 0);
  return {
    commits: said.commits.size,
    changes,
    refs: said.refs.size,
    fields: comparison.fields,
    ...comparison.differences,
  };
}

/** A commit that could not be read at first has a later version. */
const superseded = `has_later_version(source, coalesce(entity, id), coalesce(version_order, ''))`;

async function storedOf(pool: Pool, source: string) {
  const [commits, files] = [new Map<string, Row>(), new Map<string, Map<string, Row>>()];
  const types = ['git.commit', 'git.file_change'];
  for (let after = ''; ;) {
    const { rows } = await pool.query<Row & { id: string }>(
      `select id, type, subject, data, coalesce(flags, '{}') as flags, time from events
        where source = $1 and type = any($2) and id > $3 and not (coalesce(flags, '{}') @> '{missing_object}' and ${superseded})
        order by id limit 20000`,
      [source, types, after],
    );
    for (const row of rows) keep(row, commits, files);
    if (rows.length === 0) return { commits, files };
    after = rows.at(-1)!.id;
  }
}

function keep(row: Row, commits: Map<string, Row>, files: Map<string, Map<string, Row>>): void {
  if (row.type === 'git.commit') return void commits.set(row.data['sha'] as string, row);
  const id = row.data['commit'] as string;
  const own = files.get(id) ?? new Map<string, Row>();
  const path = bytesOf(row.data, 'path').toString('latin1');
  if (own.has(path)) throw new Error(`${id} has ${path} twice`);
  files.set(id, own.set(path, row));
}

/** Commits that are stored, that git does not reach, and of which nothing says that no ref reaches them. */
async function invented(pool: Pool, source: string, reached: ReadonlySet<string>): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select coalesce(entity, id) as id from events where source = $1 and type = 'git.commit' except select commit from git_unreachable_commits where source = $1`,
    [source],
  );
  return rows.map(({ id }) => id).filter((id) => !reached.has(id));
}

/** The bytes of a text: those kept beside it, or its own. */
function bytesOf(data: JsonObject, field: string): Buffer {
  const [kept, text] = [data[`${field}Bytes`], data[field]];
  if (typeof kept === 'string') return Buffer.from(kept, 'base64');
  return Buffer.from(typeof text === 'string' ? text : '');
}

/** As jsonb can hold it; git ends a text at a NUL, and we do not. */
const held = (text: string): string => text.replaceAll('\0', '\uFFFD');

function compareCommit(comparison: Comparison, id: string, git: SaidCommit, { data, flags, time, subject }: Row): void {
  const same = (field: string, said: unknown, ours: unknown): void => comparison.same(id, field, said, ours);
  const end = headerEnd(git.object);
  const [header, message] = [git.object.subarray(0, end), git.object.subarray(end + 2)];
  same('subject', id, subject);
  same('tree', git.tree, data['tree']);
  same('parents', git.parents, data['parents']);
  same('stats', git.cut ? null : git.stats, data['stats']);
  same('shallow_boundary', git.cut, flags.includes('shallow_boundary'));
  const people = (['author', 'committer'] as const).map((role) =>
    comparePerson(comparison, `${id} ${role}`, role, git[role], header, data[role] as JsonObject),
  );
  same('time', people[1]!.time, time === null ? null : time.toISOString());
  const nul = git.message.equals(message) ? -1 : message.indexOf(0);
  const whole = nul >= 0 && git.message.equals(message.subarray(0, nul)) ? message : git.message;
  same('message', held(whole.toString()), data['message']);
  const plain = whole.equals(message) && isUtf8(message);
  same('messageBytes', plain ? undefined : message.toString('base64'), data['messageBytes']);
  const trailers = (data['trailers'] ?? []) as { key: string; value: string }[];
  same('trailers', git.trailers.toString(), trailers.map(({ key, value }) => `${key}: ${value}\n`).join(''));
  const named = /\nencoding ([^\n]*)/.exec(header.toString('latin1'))?.[1];
  same('encoding', named === undefined ? undefined : Buffer.from(named, 'latin1').toString(), data['encoding']);
  const texts = [plain, ...people.map((person) => person.plain)];
  same(
    'a flag tells that bytes are kept',
    texts.includes(false),
    flags.some((flag) => flag === 'converted' || flag === 'not_utf8'),
  );
  same(
    'a flag tells that a time is none',
    people.some((person) => person.odd),
    flags.some((flag) => flag === 'time_out_of_range' || flag === 'bad_timezone'),
  );
  same('a flag tells that there was a NUL', whole.includes(0), flags.includes('sanitized'));
  same(
    'other flags',
    [],
    flags.filter(
      (flag) =>
        !['converted', 'not_utf8', 'time_out_of_range', 'bad_timezone', 'shallow_boundary', 'sanitized'].includes(flag),
    ),
  );
}

/** Whether name and address are their bytes, whether the time is odd, and the instant. */
function comparePerson(
  comparison: Comparison,
  of: string,
  role: string,
  git: SaidPerson,
  header: Buffer,
  ours: JsonObject,
) {
  const [, name = '', email = '', when = ''] =
    new RegExp(`^${role} ([^<\\n]*)<([^>\\n]*)>(.*)$`, 'm').exec(header.toString('latin1')) ?? [];
  // git converts all of a header with its encoding (UTF-16 …), and shows nobody where that leaves none; we keep the bytes.
  const shows = git.time !== '' || when === '';
  const [gitName, gitEmail] = shows
    ? [git.name, git.email]
    : [name, email].map((bytes) => Buffer.from(bytes, 'latin1'));
  const plain = [
    compareText(comparison, of, 'name', gitName!, name, ours),
    compareText(comparison, of, 'email', gitEmail!, email, ours),
  ];
  const time = rfc3339(plainTime(when) && shows ? ` ${git.time}` : when);
  comparison.same(of, 'time', time, ours['time']);
  return {
    plain: !plain.includes(false),
    odd: !plainTime(when) && !/^ -\d+ [+-]\d{4}$/.test(when),
    time: time === null ? null : new Date(time).toISOString(),
  };
}

/** Dates that git can show: those after 1970, before 10000. */
const plainTime = (when: string): boolean =>
  /^ \d{1,12} [+-](?:[01]\d|2[0-3])[0-5]\d$/.test(when) && Number(when.split(' ')[1]) < 253_402_300_800;

/** As documented, also of dates that git cannot show: a zone that is none is UTC, before 1970 is before 1970. */
function rfc3339(when: string): string | null {
  const [, seconds, zone] = /^ (-?\d{1,11})(?: (\S+))?$/.exec(when) ?? [];
  if (seconds === undefined || Number(seconds) < -62_135_596_800 || Number(seconds) >= 253_402_300_800) return null;
  const [, sign, hours, minutes] = /^([+-])([01]\d|2[0-3])([0-5]\d)$/.exec(zone ?? '') ?? [];
  const offset = hours === undefined ? 0 : Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes));
  return (
    new Date((Number(seconds) + offset * 60) * 1_000).toISOString().slice(0, 19) +
    (hours === undefined ? 'Z' : `${sign}${hours}:${minutes}`)
  );
}

function compareText(
  comparison: Comparison,
  of: string,
  field: string,
  git: Buffer,
  latin1: string,
  ours: JsonObject,
): boolean {
  const bytes = Buffer.from(latin1.trim(), 'latin1');
  const plain = git.toString('latin1').trim() === latin1.trim() && isUtf8(bytes);
  comparison.same(of, field, git.toString().trim() || null, ours[field]);
  comparison.same(of, `${field}Bytes`, plain ? undefined : bytes.toString('base64'), ours[`${field}Bytes`]);
  return plain;
}

const changes: Readonly<Record<string, string>> = {
  A: 'added',
  M: 'modified',
  D: 'deleted',
  R: 'renamed',
  C: 'copied',
  T: 'type_changed',
};

function compareFiles(
  comparison: Comparison,
  id: string,
  { files }: SaidCommit,
  stored: ReadonlyMap<string, Row>,
): void {
  comparison.same(id, 'paths', files.map(({ path }) => path).toSorted(), [...stored.keys()].toSorted());
  for (const file of files) {
    const row = stored.get(file.path);
    if (row !== undefined) compareFile(comparison, `${id} ${file.path}`, file, row);
  }
}

function compareFile(comparison: Comparison, of: string, git: SaidFile, { data, flags }: Row): void {
  const same = (field: string, said: unknown): void => comparison.same(of, field, said, data[field]);
  const [path, oldPath] = [git.path, git.oldPath].map((name) =>
    name === null ? undefined : Buffer.from(name, 'latin1'),
  );
  same('path', path!.toString());
  same('pathBytes', isUtf8(path!) ? undefined : path!.toString('base64'));
  same('oldPath', oldPath?.toString());
  same('oldPathBytes', oldPath === undefined || isUtf8(oldPath) ? undefined : oldPath.toString('base64'));
  same('change', changes[git.status]);
  same('additions', git.additions);
  same('deletions', git.deletions);
  same('binary', git.additions === null);
  same('mode', git.status === 'D' ? git.modes[0] : git.modes[1]);
  const [old, now] = git.modes.map((mode, at) => (mode === '160000' ? git.ids[at] : null));
  same('submodule', old === null && now === null ? undefined : { old, new: now });
  same('merge', git.merge || undefined);
  const text = isUtf8(path!) && (oldPath === undefined || isUtf8(oldPath)) && data['patchBytes'] === undefined;
  comparison.same(of, 'flags', text ? [] : ['not_utf8'], flags);
}

interface RefRow {
  readonly ref: string;
  readonly ref_bytes: Buffer | null;
  readonly sha: string;
  readonly commit: string | null;
  readonly branch: string | null;
  readonly tag: JsonObject | null;
}

async function compareRefs(
  comparison: Comparison,
  pool: Pool,
  source: string,
  refs: ReadonlyMap<string, SaidRef>,
  branch: string | null,
): Promise<void> {
  const { rows } = await pool.query<RefRow>(
    `select r.ref, r.ref_bytes, r.sha, r.commit, r.branch, e.data as tag
       from git_refs as r left join events as e on e.source = r.source and e.id = r.event_id and r.ref like 'refs/tags/%' where r.source = $1`,
    [source],
  );
  const stored = new Map(
    rows.map((row) => [row.ref_bytes?.toString('latin1') ?? Buffer.from(row.ref).toString('latin1'), row]),
  );
  const head = stored.get('HEAD');
  if (branch !== null && refs.has(branch)) {
    comparison.same(
      'HEAD',
      'branch',
      branch,
      head === undefined ? undefined : Buffer.from(head.branch ?? '').toString('latin1'),
    );
    comparison.same('HEAD', 'sha', refs.get(branch)!.object, head?.sha);
    stored.delete('HEAD');
  }
  comparison.same(source, 'refs', [...refs.keys()].toSorted(), [...stored.keys()].toSorted());
  for (const [name, ref] of refs) {
    const row = stored.get(name);
    if (row !== undefined) compareRef(comparison, name, ref, row);
  }
}

function compareRef(comparison: Comparison, name: string, { object, type, peeled, tag }: SaidRef, row: RefRow): void {
  comparison.same(name, 'sha', object, row.sha);
  comparison.same(name, 'commit', peeled[1] === 'commit' ? peeled[0] : null, row.commit);
  if (row.tag === null) return;
  comparison.same(name, 'annotated', type === 'tag', row.tag['annotated']);
  comparison.same(name, 'target', peeled, [row.tag['target'], row.tag['targetType']]);
  if (tag === null) return;
  const end = headerEnd(tag);
  comparison.same(
    name,
    'message',
    tag.subarray(end + 2).toString('latin1'),
    bytesOf(row.tag, 'message').toString('latin1'),
  );
  const [, person = '', email = '', seconds = ''] =
    /^tagger ([^<\n]*)<([^>\n]*)> (\d+)/m.exec(tag.toString('latin1', 0, end)) ?? [];
  const tagger = (row.tag['tagger'] ?? {}) as JsonObject;
  comparison.same(
    name,
    'tagger',
    [person.trim(), email],
    ['name', 'email'].map((field) => bytesOf(tagger, field).toString('latin1')),
  );
  comparison.same(
    name,
    'tagged at',
    seconds === '' ? null : Number(seconds) * 1_000,
    typeof tagger['time'] === 'string' ? Date.parse(tagger['time']) : null,
  );
}
