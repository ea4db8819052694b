// What git itself says of a repository: each commit, the files it changed, each ref. Asked with git's own porcelain (`log`,
// `for-each-ref`, `cat-file`), in no way that the source does, so that both cannot be wrong alike. For history-checker.ts.
import { execFileSync } from 'node:child_process';

export interface Said {
  readonly commits: ReadonlyMap<string, SaidCommit>;
  readonly refs: ReadonlyMap<string, SaidRef>;
  /** Of HEAD; null when it is detached. */
  readonly branch: string | null;
}

export interface SaidCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: SaidPerson;
  readonly committer: SaidPerson;
  /** In UTF-8, where git could convert it; git ends it at a NUL. */
  readonly message: Buffer;
  readonly trailers: Buffer;
  readonly object: Buffer;
  /** The origin has no parents for it, though it names some. */
  readonly cut: boolean;
  /** Against the first parent. */
  readonly stats: { files: number; additions: number; deletions: number };
  readonly files: readonly SaidFile[];
}

export interface SaidPerson {
  readonly name: Buffer;
  readonly email: Buffer;
  /** Seconds and zone. */
  readonly time: string;
}

/** Paths are latin1: a character is a byte. */
export interface SaidFile {
  readonly path: string;
  readonly oldPath: string | null;
  readonly status: string;
  readonly additions: number | null;
  readonly deletions: number | null;
  readonly modes: readonly [string, string];
  readonly ids: readonly [string, string];
  readonly merge: boolean;
}

export interface SaidRef {
  readonly object: string;
  readonly type: string;
  /** What it stands for in the end: an id and a type. */
  readonly peeled: readonly [string, string];
  /** The bytes of the tag. */
  readonly tag: Buffer | null;
}

/** No settings, no attributes, nothing replaced or grafted. `path` is a repository or what holds one in `.git`. */
export function gitSays(path: string, args: readonly string[], input: string | Buffer = ''): Buffer {
  const env = {
    PATH: process.env['PATH'],
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: '/dev/null',
  };
  const plain = ['-c', 'safe.directory=*', '-c', 'core.attributesFile=/dev/null', '-c', 'core.quotePath=false'];
  const directory = execFileSync('git', ['-C', path, ...plain, 'rev-parse', '--absolute-git-dir'], { env })
    .toString()
    .trim();
  // Named as bare, so that no .gitattributes of a work tree are read.
  return execFileSync('git', [...plain, '-c', 'core.bare=true', '--git-dir', directory, ...args], {
    env,
    cwd: '/',
    input,
    maxBuffer: 4e9,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

export interface Asked {
  /** As the option of the source: HEAD, refs/heads/* … */
  readonly refs: readonly string[];
  readonly renames: boolean;
  readonly copies: boolean;
}

export function saidByGit(path: string, asked: Asked): Said {
  const { refs, branch } = refsOf(path, asked.refs);
  const tips = [...refs.values()].filter(({ peeled }) => peeled[1] === 'commit').map(({ peeled }) => peeled[0]);
  const ids = lines(gitSays(path, ['rev-list', '--stdin'], [...new Set(tips)].join('\n')));
  return { commits: commitsOf(path, ids, asked), refs, branch };
}

const lines = (bytes: Buffer): string[] =>
  bytes
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '');

function refsOf(path: string, globs: readonly string[]): Pick<Said, 'refs' | 'branch'> {
  const [head, symbolic] = ['HEAD', '--symbolic-full-name'].map((flag) =>
    attempt(path, ['rev-parse', '--verify', '-q', ...(flag === 'HEAD' ? [] : [flag]), 'HEAD']),
  );
  const followed = globs.filter((glob) => glob !== 'HEAD').map((glob) => glob.split('*'));
  const all = lines(gitSays(path, ['for-each-ref', '--format=%(objectname) %(objecttype) %(refname)']))
    .map((line) => /^(\S+) (\S+) (.*)$/.exec(line)!.slice(1) as [string, string, string])
    .filter(([, , name]) =>
      followed.some(([before, after]) =>
        after === undefined ? name === before : name.startsWith(before!) && name.endsWith(after),
      ),
    );
  const branch = globs.includes('HEAD') && symbolic?.startsWith('refs/') === true ? symbolic : null;
  if (globs.includes('HEAD') && head !== undefined && !all.some(([, , name]) => name === branch))
    all.push([head, 'commit', 'HEAD']);
  const peeled = lines(
    gitSays(path, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], all.map(([id]) => `${id}^{}\n`).join('')),
  ).map((line) => line.split(' ') as [string, string]);
  const tags = objectsOf(
    path,
    all.filter(([, type]) => type === 'tag').map(([id]) => id),
  );
  return {
    branch,
    refs: new Map(
      all.map(([object, type, name], at) => [
        name,
        { object, type, peeled: peeled[at]!, tag: tags.get(object) ?? null },
      ]),
    ),
  };
}

function attempt(path: string, args: readonly string[]): string | undefined {
  try {
    return gitSays(path, args).toString('latin1').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** The bytes of each object. */
function objectsOf(path: string, ids: readonly string[]): Map<string, Buffer> {
  const output = gitSays(path, ['cat-file', '--batch'], ids.map((id) => `${id}\n`).join(''));
  const objects = new Map<string, Buffer>();
  for (let at = 0; at < output.length;) {
    const end = output.indexOf('\n', at);
    const [id, , size] = output.toString('latin1', at, end).split(' ') as [string, string, string];
    objects.set(id, output.subarray(end + 1, end + 1 + Number(size)));
    at = end + 2 + Number(size);
  }
  return objects;
}

const fields = ['%H', '%T', '%an', '%ae', '%ad', '%cn', '%ce', '%cd', '%B', '%(trailers:only,unfold)'];

function commitsOf(path: string, ids: readonly string[], asked: Asked): Map<string, SaidCommit> {
  const log = (...args: string[]): Buffer =>
    gitSays(path, ['log', '--no-walk=unsorted', '--stdin', '-z', ...args], ids.join('\n'));
  const objects = objectsOf(path, ids);
  const shallow = new Set(
    attempt(path, ['rev-parse', '--is-shallow-repository']) === 'true'
      ? lines(gitSays(path, ['rev-list', '--max-parents=0', '--stdin'], ids.join('\n')))
      : [],
  );
  const detect = asked.renames ? ['-M50%', ...(asked.copies ? ['-C50%'] : []), '-l1000'] : ['--no-renames'];
  const fromFirst = [
    '--format=%H',
    '--raw',
    '--numstat',
    '--no-abbrev',
    '--diff-merges=first-parent',
    '--no-ext-diff',
    '--no-textconv',
    '--ignore-submodules=none',
  ];
  const changes = changesIn(log(...fromFirst, ...detect));
  const unpaired = changesIn(log(...fromFirst, '--no-renames', '--merges'));
  const own = pathsOfMerges(log('--format=%H', '--merges', '-c', '--raw', '--no-abbrev', '--no-renames'));
  const tokens = split(log('-s', '--encoding=UTF-8', '--date=raw', `--format=tformat:${fields.join('%x00')}`));
  const commits = new Map<string, SaidCommit>();
  for (let at = 0; at + fields.length <= tokens.length; at += fields.length) {
    const [id, tree, name, email, time, cname, cemail, ctime, message, trailers] = tokens.slice(
      at,
      at + fields.length,
    ) as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
    const sha = id.toString('latin1');
    const object = objects.get(sha)!;
    const parents = object
      .toString('latin1', 0, headerEnd(object))
      .split('\n')
      .filter((line) => line.startsWith('parent '))
      .map((line) => line.slice(7));
    const all = changes.get(sha) ?? [];
    const cut = shallow.has(sha) && parents.length > 0;
    commits.set(sha, {
      tree: tree.toString('latin1'), parents, message, trailers, object, cut,
      author: { name, email, time: time.toString('latin1') },
      committer: { name: cname, email: cemail, time: ctime.toString('latin1') },
      stats: { files: all.length, additions: sum(all, 'additions'), deletions: sum(all, 'deletions') },
      files: cut ? [] : parents.length < 2 ? all : ownOf(all, unpaired.get(sha) ?? [], own.get(sha) ?? []),
    }); // prettier-ignore
  }
  if (commits.size !== ids.length) throw new Error(`git lists ${ids.length} commits and shows ${commits.size}`);
  return commits;
}

export function headerEnd(object: Buffer): number {
  const end = object.indexOf('\n\n');
  return end < 0 ? object.length : end;
}

const sum = (files: readonly SaidFile[], count: 'additions' | 'deletions'): number =>
  files.reduce((total, file) => total + (file[count] ?? 0), 0);

/** Of a merge: what it did against its first parent to the paths that differ from every parent, each told once. */
function ownOf(all: readonly SaidFile[], unpaired: readonly SaidFile[], own: readonly string[]): SaidFile[] {
  const told = all.filter(({ path }) => own.includes(path));
  const names = new Set(told.flatMap(({ path, oldPath, status }) => (status === 'R' ? [path, oldPath] : [path])));
  const rest = own.filter((path) => !names.has(path)).map((path) => unpaired.find((file) => file.path === path)!);
  return [...told, ...rest].map((file) => ({ ...file, merge: true }));
}

/** Splits at NULs. */
function split(bytes: Buffer): Buffer[] {
  const tokens: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at);
    tokens.push(bytes.subarray(at, end < 0 ? bytes.length : end));
    at = end < 0 ? bytes.length : end + 1;
  }
  return tokens;
}

/** `<id>`, then `:modes ids status`, paths …, `added deleted path` …; a path is told from these by where it stands. */
function changesIn(output: Buffer): Map<string, SaidFile[]> {
  const tokens = split(output).map((token) => token.toString('latin1'));
  const found = new Map<string, SaidFile[]>();
  let [files, counted]: [SaidFile[], number] = [[], 0];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!.replace(/^\n/, '');
    const count = /^(\d+|-)\t(\d+|-)\t([^]*)$/.exec(token);
    if (token.startsWith(':')) {
      const [from, to, fromId, toId, status] = token.slice(1).split(' ') as [string, string, string, string, string];
      const two = /^[RC]/.test(status);
      const [one, other] = [tokens[at + 1]!, tokens[at + 2]!];
      files.push({
        path: two ? other : one,
        oldPath: two ? one : null,
        status: status[0]!,
        additions: null,
        deletions: null,
        modes: [from, to],
        ids: [fromId, toId],
        merge: false,
      });
      at += two ? 2 : 1;
    } else if (count !== null) {
      const path = count[3] === '' ? tokens[(at += 2)]! : count[3]!;
      const number = (text: string): number | null => (text === '-' ? null : Number(text));
      const file = files[counted]!;
      if (file.path !== path) throw new Error(`git counts ${path} where it listed ${file.path}`);
      files[counted++] = { ...file, additions: number(count[1]!), deletions: number(count[2]!) };
    } else if (token !== '') found.set(token, ([files, counted] = [[], 0])[0]);
  }
  return found;
}

/** `<id>`, then `::modes ids status` and a path …; as many colons as parents. */
function pathsOfMerges(output: Buffer): Map<string, string[]> {
  const tokens = split(output).map((token) => token.toString('latin1'));
  const found = new Map<string, string[]>();
  let paths: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!.replace(/^\n/, '');
    if (token.startsWith(':')) paths.push(tokens[++at]!);
    else if (token !== '') found.set(token, (paths = []));
  }
  return found;
}
