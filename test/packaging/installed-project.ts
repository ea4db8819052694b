// A project of somebody else with the packed tarball installed by npm, in an empty directory with an empty home. The versions of
// the dependencies are those of our lock file, which npm has in its cache after `npm ci`.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface InstalledProject {
  readonly directory: string;
  /** Nothing is in it, and nothing of ours is above it. */
  readonly elsewhere: string;
  /** Of the tarball, from its root. */
  readonly files: readonly string[];
  start(program: string, words: readonly string[], more?: Readonly<Record<string, string>>): Started;
  remove(): void;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

interface LockedPackage {
  readonly dev?: boolean;
}

interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** What npm and our programs inherit; a registry or a proxy of this machine is its configuration, and not the user's. */
function environment(home: string, bin: string): NodeJS.ProcessEnv {
  const machine = /^(npm_config_|https?_proxy$|no_proxy$|node_extra_ca|ssl_cert)/i;
  const kept = Object.entries(process.env).filter(([name]) => machine.test(name));
  return {
    npm_config_cache: join(homedir(), '.npm'),
    npm_config_userconfig: join(homedir(), '.npmrc'),
    ...Object.fromEntries(kept),
    PATH: [bin, process.env['PATH']].join(delimiter),
    HOME: home,
    TERM: 'dumb',
  };
}

export function installedProject(): InstalledProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'tributary-installed-')));
  const [directory, elsewhere, home] = ['project', 'elsewhere', 'home'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [directory, elsewhere, home]) mkdirSync(path);
  const out = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', root], packageRoot, process.env);
  const [packed] = JSON.parse(out) as [{ filename: string; files: { path: string }[] }];
  cpSync(join(packageRoot, 'examples'), directory, { recursive: true });
  writeProject(directory, `file:../${packed.filename}`);
  const env = environment(home, join(directory, 'node_modules', '.bin'));
  npm(['ci', '--prefer-offline', '--no-audit', '--no-fund'], directory, env);
  return {
    directory,
    elsewhere,
    files: packed.files.map(({ path }) => path),
    start: (program, words, more = {}) => started(program, words, directory, { ...env, ...more }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** As `npm install <tarball>` would leave it, with our lock file's versions. */
function writeProject(directory: string, tarball: string): void {
  const own = json<Record<string, unknown>>('package.json');
  const { packages } = json<Lock>('package-lock.json');
  const dependencies = { 'tributary-events': tarball };
  const locked = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  const { version, dependencies: needed, bin, engines } = own;
  const installed = { version, resolved: tarball, dependencies: needed, bin, engines };
  write('package.json', { name: 'somebody-else', private: true, type: 'module', dependencies });
  write('package-lock.json', {
    name: 'somebody-else',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'somebody-else', dependencies },
      ...Object.fromEntries(locked),
      'node_modules/tributary-events': installed,
    },
  });

  function json<T>(name: string): T {
    return JSON.parse(readFileSync(join(packageRoot, name), 'utf8')) as T;
  }
  function write(name: string, value: unknown): void {
    writeFileSync(join(directory, name), JSON.stringify(value));
  }
}

function npm(words: readonly string[], cwd: string, env: NodeJS.ProcessEnv): string {
  return execFileSync('npm', words, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** As a shell would: with what this process has and `more`, but not what npm adds for what it runs. */
export function runIn(
  directory: string,
  program: string,
  words: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Started {
  const { npm_command: _, npm_lifecycle_event: __, ...own } = process.env;
  return started(program, words, directory, { ...own, ...more });
}

function started(program: string, words: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Started {
  const child = spawn(program, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, out, err })) };
}
