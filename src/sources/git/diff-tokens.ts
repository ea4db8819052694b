// The output of `diff-tree -z --raw [--numstat]`, token by token. Paths are any bytes but NUL, so nothing is ever split
// at a line feed, a tab or an arrow. For each commit: its id, its raw entries, its line counts:
//   `:mode mode id id X` NUL path NUL [path NUL]        X = R or C: two paths
//   `::mode mode mode id id id XX` NUL path NUL         combined: one colon and one letter a parent
//   `added TAB deleted TAB path` NUL                    counts are `-` for a binary file
//   `added TAB deleted TAB` NUL old NUL new NUL         of a renamed file

const colon = 0x3a;
const tab = 0x09;

/** Where the entry that starts here ends (after its last NUL), or -1 when not all of it is there. */
export function entryEnd(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(0, start);
  if (end < 0) return -1;
  return afterPaths(
    bytes,
    end + 1,
    bytes[start] === colon ? rawPaths(bytes, start, end) : countPaths(bytes, start, end),
  );
}

/** Renames and copies have a similarity after their letter: `R100`. Combined entries name one path whatever their letters. */
function rawPaths(bytes: Uint8Array, start: number, end: number): number {
  const last = bytes[end - 1]!;
  const score = last >= 0x30 && last <= 0x39;
  return bytes[start + 1] !== colon && score ? 2 : 1;
}

/** A renamed file has an empty third field; a name that itself ends in a tab has not. */
function countPaths(bytes: Uint8Array, start: number, end: number): number {
  return bytes.indexOf(tab, bytes.indexOf(tab, start) + 1) === end - 1 ? 2 : 0;
}

function afterPaths(bytes: Uint8Array, start: number, count: number): number {
  let at = start;
  for (let path = 0; path < count; path++) {
    const end = bytes.indexOf(0, at);
    if (end < 0) return -1;
    at = end + 1;
  }
  return at;
}

export interface RawEntry {
  readonly oldMode: string;
  readonly mode: string;
  /** Object ids before and after: zeros where there is none. */
  readonly oldId: string;
  readonly id: string;
  readonly status: string;
  readonly path: Buffer;
  /** Where it was, for a rename or copy. */
  readonly oldPath: Buffer | null;
}

export interface CountEntry {
  /** Null for a binary file. */
  readonly additions: number | null;
  readonly deletions: number | null;
  readonly path: Buffer;
}

export interface Diff {
  readonly raw: readonly RawEntry[];
  readonly counts: readonly CountEntry[];
}

/** One commit's answer, without its id. */
export function parseDiff(bytes: Buffer): Diff {
  const [raw, counts]: [RawEntry[], CountEntry[]] = [[], []];
  for (let start = 0, end; start < bytes.length; start = end) {
    end = entryEnd(bytes, start);
    if (end < 0) throw new RangeError('the diff ends within an entry');
    if (bytes[start] === colon) raw.push(rawEntry(bytes, start, end));
    else counts.push(countEntry(bytes, start, end));
  }
  return { raw, counts };
}

function rawEntry(bytes: Buffer, start: number, end: number): RawEntry {
  const metaEnd = bytes.indexOf(0, start);
  const [oldMode = '', mode = '', oldId = '', id = '', status = ''] = bytes
    .toString('latin1', start + 1, metaEnd)
    .split(' ');
  const pathEnd = bytes.indexOf(0, metaEnd + 1) + 1;
  const first = bytes.subarray(metaEnd + 1, pathEnd - 1);
  if (pathEnd === end) return { oldMode, mode, oldId, id, status: status.charAt(0), path: first, oldPath: null };
  return { oldMode, mode, oldId, id, status: status.charAt(0), path: bytes.subarray(pathEnd, end - 1), oldPath: first };
}

function countEntry(bytes: Buffer, start: number, end: number): CountEntry {
  const second = bytes.indexOf(tab, start) + 1;
  const third = bytes.indexOf(tab, second) + 1;
  const additions = countOf(bytes.toString('latin1', start, second - 1));
  const deletions = countOf(bytes.toString('latin1', second, third - 1));
  const isRename = bytes[third] === 0;
  const path = isRename ? bytes.subarray(bytes.indexOf(0, third + 1) + 1, end - 1) : bytes.subarray(third, end - 1);
  return { additions, deletions, path };
}

/** What `--raw --numstat` prints: raw entries as they are, and line counts in git's form. */
export function withCounts(
  raw: Buffer,
  entries: readonly RawEntry[],
  counts: readonly Pick<CountEntry, 'additions' | 'deletions'>[],
): Buffer {
  const parts = entries.flatMap(({ path, oldPath }, at) => {
    const count = counts[at];
    if (count === undefined) return [];
    const numbers = Buffer.from(`${count.additions ?? '-'}\t${count.deletions ?? '-'}\t`);
    return oldPath === null ? [numbers, path, nul] : [numbers, nul, oldPath, nul, path, nul];
  });
  return Buffer.concat([raw, ...parts]);
}

const nul = Buffer.from([0]);

function countOf(text: string): number | null {
  return text === '-' ? null : Number(text);
}

/** Paths of a combined diff: those that differ from every parent. As latin1, which keeps bytes apart. */
export function combinedPaths(bytes: Buffer): Set<string> {
  const paths = new Set<string>();
  for (let start = 0, end; start < bytes.length; start = end) {
    end = entryEnd(bytes, start);
    if (end < 0) throw new RangeError('the combined diff ends within an entry');
    paths.add(bytes.toString('latin1', bytes.indexOf(0, start) + 1, end - 1));
  }
  return paths;
}
