// A real repository with our hook, whose nudge is a stand-in: a program that notes what it was given and what it saw, and
// waits while a file named `closed` is there.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { inspectHook, installHook } from '../../../src/clients/hook/hook-file.js';
import { hookNames, hookScript, marked, type HookOrder } from '../../../src/clients/hook/script.js';
import { loadConfig } from '../../../src/config.js';
import { eventually } from '../../support/eventually.js';

const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', '-c', 'commit.gpgSign=false'];

export interface Seen {
  readonly pid: number;
  readonly priority: number;
  readonly words: readonly string[];
  /** HEAD when it began. */
  readonly head: string;
  readonly environment: Readonly<Record<string, string>>;
}

export function temporaryDirectory(name = 'tributary-hook-'): string {
  const directory = mkdtempSync(join(tmpdir(), name));
  // A nudge may still write there.
  onTestFinished(async () => void (await eventually('it can be removed', () => isRemoved(directory))));
  return directory;
}

function isRemoved(directory: string): boolean {
  try {
    rmSync(directory, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

export function gitEnvironment(more: Readonly<Record<string, string | undefined>> = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_EDITOR: 'true',
    ...more,
  };
}

export class HookedRepository {
  readonly path: string;
  readonly home: string;
  readonly hooks: string;
  readonly #program: string;

  /** `name` is the directory's, which holds the repository, the home and the stand-in. */
  constructor(name = 'plain') {
    const outside = temporaryDirectory();
    const directory = join(outside, name);
    // Node runs no module from a path with a backslash.
    this.#program = join(outside, 'stand-in.mjs');
    this.path = join(directory, 'repo');
    this.home = join(directory, 'home');
    this.hooks = join(this.path, '.git', 'hooks');
    mkdirSync(this.home, { recursive: true });
    execFileSync('git', ['init', '-q', '-b', 'main', '--template=', this.path], { env: gitEnvironment() });
    mkdirSync(this.hooks);
    // As a stack that runs has it.
    writeFileSync(join(this.home, 'stack.json'), '{}');
    writeFileSync(this.#program, standIn(this));
  }

  /** All hooks, with lines of their settings replaced: `{ node: '/nowhere' }`. */
  install(settings: Readonly<Record<string, string>> = {}, order: Partial<HookOrder> = {}): void {
    const config = loadConfig({ TRIBUTARY_HOME: this.home });
    const changes = Object.entries({ program: this.#program, ...settings });
    for (const name of hookNames) {
      const script = hookScript(name, { source: 'acme/api', start: false, ...order }, config);
      installHook(
        inspectHook(this.hooks, name),
        marked(changes.reduce((text, [setting, value]) => replaced(text, setting, value), script)),
      );
    }
  }

  git(
    words: readonly string[],
    environment: NodeJS.ProcessEnv = gitEnvironment(),
  ): { code: number | null; out: string; err: string } {
    const { status, stdout, stderr } = spawnSync('git', [...identity, ...words], {
      cwd: this.path,
      env: environment,
      encoding: 'utf8',
    });
    return { code: status, out: stdout, err: stderr };
  }

  /** Throws unless it succeeds. */
  commit(message = 'a change', environment?: NodeJS.ProcessEnv): string {
    const { code, err } = this.git(['commit', '-q', '--allow-empty', '-m', message], environment);
    if (code !== 0) throw new Error(err);
    return this.head();
  }

  /** In a process group of its own, as a terminal's foreground job. */
  commitAsJob(): ChildProcess {
    return spawn('git', [...identity, 'commit', '-q', '--allow-empty', '-m', 'job'], {
      cwd: this.path,
      env: gitEnvironment(),
      stdio: 'ignore',
      detached: true,
    });
  }

  head(): string {
    return this.git(['rev-parse', 'HEAD']).out.trim();
  }

  /** The hook as git runs it. */
  runHook(
    name: string,
    words: readonly string[] = [],
    input = '',
    environment: NodeJS.ProcessEnv = gitEnvironment(),
  ): { code: number | null; out: string } {
    const { status, stdout, stderr } = spawnSync(join('.git', 'hooks', name), words, {
      cwd: this.path,
      env: environment,
      input,
      encoding: 'utf8',
    });
    return { code: status, out: stdout + stderr };
  }

  /** While closed, nudges wait. */
  close(): void {
    writeFileSync(join(this.home, 'closed'), '');
  }

  open(): void {
    rmSync(join(this.home, 'closed'));
  }

  nudges(): Seen[] {
    return this.#lines('seen').map((line) => JSON.parse(line) as Seen);
  }

  log(): string[] {
    return this.#lines('hook.log');
  }

  #lines(file: string): string[] {
    const path = join(this.home, file);
    // What follows the last line break is still being written.
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  }

  state(file: 'lock' | 'pending'): string {
    return join(this.home, 'hooks', 'acme+api', file);
  }

  /** Nothing is marked and nobody is at it; `nudges` at least were seen. */
  async settled(nudges = 1): Promise<void> {
    await eventually(
      'the nudges are done',
      () => this.nudges().length >= nudges && !existsSync(this.state('pending')) && !existsSync(this.state('lock')),
    );
  }

  /** A hook of the user's own; a shell script unless it begins otherwise. */
  existing(name: string, body: string, mode = 0o755): string {
    const path = join(this.hooks, name);
    writeFileSync(path, body.startsWith('#!') ? body : `#!/bin/sh\n${body}\n`, { mode });
    return path;
  }
}

function replaced(text: string, setting: string, value: string): string {
  const line = new RegExp(`^  ${setting}='.*?'$`, 'ms');
  if (!line.test(text)) throw new Error(`no setting ${setting}`);
  return text.replace(line, () => `  ${setting}='${value.replaceAll("'", String.raw`'\''`)}'`);
}

function standIn({ path, home }: HookedRepository): string {
  return `import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import { getPriority } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
const head = execFileSync('git', ['-C', ${JSON.stringify(path)}, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
const seen = { pid: process.pid, priority: getPriority(), words: process.argv.slice(2), head, environment: process.env };
appendFileSync(${JSON.stringify(join(home, 'seen'))}, JSON.stringify(seen) + '\\n');
while (existsSync(${JSON.stringify(join(home, 'closed'))})) await wait(10);
console.log('ran');
`;
}
