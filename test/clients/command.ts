// The command as people run it: a process of its own, with an environment that names nothing of this machine's.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Standard output as JSON lines. */
  readonly items: Record<string, unknown>[];
}

export interface Running {
  readonly child: ChildProcess;
  /** What it said on standard error until now. */
  said(): string;
  readonly ended: Promise<Outcome>;
}

/** A directory for PATH where `tributary` is ours, so that hints have the name alone. */
const onPath = mkdtempSync(join(tmpdir(), 'tributary-path-'));
symlinkSync(join(packageRoot, 'bin', 'tributary.js'), join(onPath, 'tributary'));
process.once('exit', () => rmSync(onPath, { recursive: true, force: true }));

const named = [
  'DATABASE_URL',
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_PROFILE',
  'TEMPORAL_CONFIG_FILE',
  'TRIBUTARY_HOME',
  'TRIBUTARY_TASK_QUEUE',
];

export interface Where {
  readonly directory?: string | undefined;
  /** The child's standard input is a pipe; else it has none. */
  readonly input?: boolean;
}

export function startTributary(
  words: readonly string[],
  environment: Record<string, string>,
  { directory = packageRoot, input = false }: Where = {},
): Running {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !named.includes(name)));
  const child = spawn(process.execPath, [join(packageRoot, 'bin', 'tributary.js'), ...words], {
    cwd: directory,
    env: { ...inherited, PATH: `${onPath}:${process.env['PATH']}`, ...environment },
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err, items: itemsOf(out) }));
  return { child, said: () => err, ended };
}

export function tributary(
  words: readonly string[],
  environment: Record<string, string>,
  directory?: string,
): Promise<Outcome> {
  return startTributary(words, environment, { directory }).ended;
}

function itemsOf(out: string): Record<string, unknown>[] {
  if (!out.startsWith('{') || !out.includes('\n')) return [];
  // A pipe closed early ends in the middle of a line.
  return out
    .slice(0, out.lastIndexOf('\n'))
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
