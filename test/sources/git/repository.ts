// Real repositories for tests, built by plumbing: any bytes can be a commit, a path, a date.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const environment = {
  PATH: process.env['PATH'],
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Charles',
  GIT_COMMITTER_EMAIL: 'charles@example.org',
  GIT_AUTHOR_DATE: '1700000000 +0200',
  GIT_COMMITTER_DATE: '1700000100 -0330',
};

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-git-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** git with its output as bytes; `input` goes to its stdin. */
export function gitBytes(directory: string, args: readonly string[], input: string | Buffer = ''): Buffer {
  return execFileSync('git', ['-C', directory, ...args], {
    env: environment,
    input,
    stdio: ['pipe', 'pipe', 'pipe'],
    maxBuffer: 1e9,
  });
}

export interface TreeEntry {
  readonly mode?: string;
  /** The file's bytes; for a submodule the commit's id. */
  readonly content: string | Buffer;
}
export type Tree = Readonly<Record<string, string | Buffer | TreeEntry>>;

export class Repository {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static create(...options: readonly string[]): Repository {
    const path = join(temporaryDirectory(), 'repo');
    execFileSync('git', ['init', '-q', '-b', 'main', ...options, path], { env: environment });
    return new Repository(path);
  }

  /** A line of commits, each of one small file, made at once. */
  static long(commits: number): Repository {
    const repository = Repository.create();
    const stream = Array.from({ length: commits }, (_, at) => {
      const content = String(at * 7919).slice(-5).padStart(5); // prettier-ignore
      return `commit refs/heads/main\ncommitter C <c@x> ${1_700_000_000 + at} +0000\ndata 6\nc${String(at).padStart(5)}\nM 644 inline d${at % 7}/f${at % 40}\ndata 6\n${content}\n\n`;
    });
    repository.git(['fast-import', '--quiet'], stream.join(''));
    return repository;
  }

  static at(path: string): Repository {
    return new Repository(path);
  }

  git(args: readonly string[], input: string | Buffer = ''): string {
    return gitBytes(this.path, args, input).toString().trimEnd();
  }

  blob(content: string | Buffer): string {
    return this.git(['hash-object', '-w', '--stdin'], content);
  }

  /** A tree of one level or more; names are latin1, so that any byte but NUL and '/' can be said. */
  tree(files: Tree): string {
    const here = new Map<string, string>();
    const below = new Map<string, Record<string, string | Buffer | TreeEntry>>();
    for (const [path, file] of Object.entries(files)) {
      const [name, ...rest] = path.split('/') as [string, ...string[]];
      if (rest.length === 0) here.set(name, this.#line(file));
      else below.set(name, { ...below.get(name), [rest.join('/')]: file });
    }
    for (const [name, tree] of below) here.set(name, `040000 tree ${this.tree(tree)}`);
    const input = [...here].map(([name, line]) => Buffer.from(`${line}\t${name}\0`, 'latin1'));
    return this.git(['mktree', '-z', '--missing'], Buffer.concat(input));
  }

  #line(file: string | Buffer | TreeEntry): string {
    const { mode = '100644', content } = typeof file === 'string' || Buffer.isBuffer(file) ? { content: file } : file;
    return mode === '160000' ? `160000 commit ${String(content)}` : `${mode} blob ${this.blob(content)}`;
  }

  /** A commit object of exactly these bytes. */
  object(bytes: string | Buffer): string {
    return this.git(
      ['hash-object', '-t', 'commit', '--literally', '-w', '--stdin'],
      typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes,
    );
  }

  commit(
    files: Tree,
    given: {
      parents?: readonly string[];
      message?: string | Buffer;
      author?: string;
      committer?: string;
      headers?: string;
    } = {},
  ): string {
    const {
      parents = [],
      message = 'a change\n',
      author = 'Ada <ada@example.org> 1700000000 +0200',
      headers = '',
    } = given;
    const { committer = 'Charles <charles@example.org> 1700000100 -0330' } = given;
    const lines = [
      `tree ${this.tree(files)}`,
      ...parents.map((parent) => `parent ${parent}`),
      `author ${author}`,
      `committer ${committer}`,
    ];
    return this.object(
      Buffer.concat([Buffer.from(`${lines.join('\n')}\n${headers}\n`, 'latin1'), Buffer.from(message)]),
    );
  }

  /** Points a ref at a commit; HEAD stands on main. */
  point(id: string, ref = 'refs/heads/main'): void {
    this.git(['update-ref', ref, id]);
  }

  /** A line of commits, each adding a line to a file; returns their ids. */
  line(
    count: number,
    { from, ref = 'refs/heads/main', name = 'file' }: { from?: string; ref?: string; name?: string } = {},
  ): string[] {
    const ids: string[] = [];
    for (let at = 1; at <= count; at++) {
      const parents = at > 1 ? [ids[at - 2]!] : from === undefined ? [] : [from];
      ids.push(this.commit({ [name]: `${'line\n'.repeat(at)}` }, { parents, message: `${name} ${at}\n` }));
    }
    this.point(ids.at(-1)!, ref);
    return ids;
  }
}
