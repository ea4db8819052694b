// The only place that starts git: no shell, a fixed beginning of argv, an environment of its own, and an end for every
// process. Settings that could run something (hooks, fsmonitor, signatures, helpers, replace refs) are off, and git
// runs with a user's repository as its own only to list refs (second-look.ts): else only our mirror is.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { closeSync } from 'node:fs';
import { env as inherited } from 'node:process';
import { NeedsAttention, Transient } from '../../domain/errors.js';
import { gitLimits } from './limits.js';
import { guardChild } from '../../process-guard.js';
import { GitFailure, shown } from './git-failure.js';
import { givenSettings, type Setting } from './secret-settings.js';

const settings = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.attributesFile=/dev/null',
  'log.showSignature=false',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
  'gc.auto=0',
  'maintenance.auto=false',
  // Only shortcuts to what the packs say, and a damaged one makes an answer wrong or ends git.
  'core.commitGraph=false',
  'core.multiPackIndex=false',
  'fetch.fsckObjects=false',
  'transfer.fsckObjects=false',
  // Keeps what was fetched as one pack: 80,000 loose objects would take minutes to read.
  'fetch.unpackLimit=1',
  `http.lowSpeedTime=${gitLimits.stallSeconds}`,
  'http.lowSpeedLimit=1000',
  `diff.renameLimit=${gitLimits.renameFilesMax}`,
  'diff.algorithm=myers',
].flatMap((setting) => ['-c', setting]);

// No configuration of the product: what git's transports need of the user's session. Everything else (GIT_DIR,
// GIT_SSH_COMMAND, DATABASE_URL …) stays outside.
const passed = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'SSH_AUTH_SOCK', 'SSH_AGENT_PID', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO', 'GIT_SSL_CAPATH',
  'http_proxy', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY', 'no_proxy', 'NO_PROXY']; // prettier-ignore

function environment(): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(
    passed.flatMap((name) => (inherited[name] === undefined ? [] : [[name, inherited[name]]])),
  );
  return {
    ...kept,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    SSH_ASKPASS: 'true',
    GIT_SSH_COMMAND: `ssh -oBatchMode=yes -oConnectTimeout=${gitLimits.connectSeconds} -oServerAliveInterval=15`,
    GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    // It says of commits other parents than they have; of a file that is there git tells a hint.
    GIT_GRAFT_FILE: '/dev/null/none',
    GIT_OPTIONAL_LOCKS: '0',
  };
}

export interface GitProcess {
  readonly stdin: ChildProcessWithoutNullStreams['stdin'];
  readonly stdout: ChildProcessWithoutNullStreams['stdout'];
  readonly pid: number | undefined;
  /** Settles when the process has ended and its output was read: with 0, or with the failure. */
  readonly ended: Promise<GitFailure | undefined>;
  /** Ends it and what it started. */
  kill(): void;
}

export interface GitCommand {
  readonly args: readonly string[];
  /** The mirror; absent where none is needed (ls-remote, init). */
  readonly mirror?: string | undefined;
  /** `name=value`, beside those of every command and over them. */
  readonly settings?: readonly string[] | undefined;
  /** Those that hold a secret. */
  readonly secretSettings?: readonly Setting[] | undefined;
  /** Variables beside those of every command. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  readonly signal: AbortSignal;
  /** Of its error output, as it comes: true for a line that is not about a failure, and is not kept. */
  readonly onLine?: ((line: string) => boolean) | undefined;
}

export function startGit({
  args,
  mirror,
  settings: more = [],
  secretSettings = [],
  environment: own = {},
  signal,
  onLine,
}: GitCommand): GitProcess {
  if (signal.aborted) throw stopped();
  const where = mirror === undefined ? [] : [`--git-dir=${mirror}`];
  const secret = givenSettings(secretSettings);
  // A group of its own: its transports and index-pack end with it, and ssh finds no terminal to ask on.
  const child = spawn(
    'git',
    ['--no-pager', ...where, ...settings, ...secret.args, ...more.flatMap((setting) => ['-c', setting]), ...args],
    {
      env: { ...environment(), ...secret.environment, ...own },
      cwd: mirror ?? '/',
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', ...(secret.descriptor === undefined ? [] : [secret.descriptor])],
    },
  ) as ChildProcessWithoutNullStreams;
  // The process has its own by now.
  if (secret.descriptor !== undefined) closeSync(secret.descriptor);
  guardChild(child, { group: true });
  const kill = (): void => killGroup(child.pid);
  signal.addEventListener('abort', kill, { once: true });
  // Writing to a process that has died says nothing that its exit does not.
  child.stdin.on('error', () => {});
  const ended = endOf(child, args.find((arg) => !arg.startsWith('-')) ?? '', onLine).finally(() =>
    signal.removeEventListener('abort', kill),
  );
  return { stdin: child.stdin, stdout: child.stdout, pid: child.pid, ended, kill };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    // SIGTERM and not SIGKILL: git then removes its lock files and unfinished packs.
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It ended by itself.
  }
}

function endOf(
  child: ChildProcessWithoutNullStreams,
  command: string,
  onLine: GitCommand['onLine'],
): Promise<GitFailure | undefined> {
  let stderr = Buffer.alloc(0);
  const keep = (data: Buffer): void => {
    stderr = Buffer.concat([stderr, data]).subarray(-gitLimits.errorBytesMax);
  };
  const filter = onLine === undefined ? { data: keep, end: () => undefined } : lineFilter(onLine, keep);
  child.stderr.on('data', filter.data);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(new GitFailure(command, 'no start', error.message)));
    child.on('close', (code, signal) => {
      filter.end();
      if (code === 0) resolve(undefined);
      else
        resolve(
          new GitFailure(command, signal === null ? `exit ${code}` : `signal ${signal}`, shown(stderr.toString())),
        );
    });
  });
}

/** Lines end with a line feed, or with a carriage return where the next one is drawn over them. */
function lineFilter(
  isTalk: (line: string) => boolean,
  keep: (data: Buffer) => void,
): { readonly data: (data: Buffer) => void; readonly end: () => void } {
  let rest = '';
  const take = (line: string): void => {
    if (!isTalk(line.trimEnd())) keep(Buffer.from(line, 'latin1'));
  };
  return {
    data(data) {
      // Byte for byte: a message may be in any encoding.
      const lines = (rest + data.toString('latin1')).split(/(?<=[\r\n])/);
      rest = /[\r\n]$/.test(lines.at(-1)!) ? '' : lines.pop()!.slice(-gitLimits.errorBytesMax);
      for (const line of lines) take(line);
    },
    end: () => take(rest),
  };
}

function stopped(): Transient {
  return new Transient('stopped', 'stopped while git was at work');
}

/** Throws what an aborted signal means; else the failure as it is. */
export function failureOr(signal: AbortSignal, failure: GitFailure): Error {
  if (signal.aborted) return stopped();
  if (failure.exit === 'no start')
    return new NeedsAttention(
      'git_not_found',
      `git cannot be started (${failure.stderr}); install git 2.31 or later and have it on PATH`,
    );
  return failure;
}

/** Runs a short command to its end and gives its output. Throws GitFailure on any exit but 0. */
export async function runGit(command: GitCommand & { readonly input?: string | Buffer | undefined }): Promise<Buffer> {
  const git = startGit(command);
  git.stdin.end(command.input ?? '');
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of git.stdout as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes <= gitLimits.outputBytesMax) parts.push(part);
    else git.kill();
  }
  const failure = await git.ended;
  if (bytes > gitLimits.outputBytesMax)
    throw new NeedsAttention(
      'git_output',
      `git ${command.args[0]} printed more than ${gitLimits.outputBytesMax} bytes`,
    );
  if (failure !== undefined) throw failureOr(command.signal, failure);
  return Buffer.concat(parts);
}
