// What we start ends with us, also when we are killed (kill -9): a small shell script holds one end of a pipe, knows our
// children, and ends them once the pipe closes. Node cannot ask the kernel for that, and foreign programs would go on: a
// clone for hours, a database until somebody looks.
import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { packageRoot } from './package-root.js';

/** A signal and how long to wait for the end before the next one. */
export type EndStep = readonly [signal: NodeJS.Signals, waitMs: number];

/** For what has nothing to finish. */
export const shortEndSteps: readonly EndStep[] = [
  ['SIGTERM', 5_000],
  ['SIGKILL', 5_000],
];

/** By pid (negative: a group), the line that names it to the guard. */
const watched = new Map<number, string>();
let guard: ChildProcess | undefined;

/** A child of ours, to be ended when we are gone; of a group its leader. No longer looked after once it has ended. */
export function guardChild(
  child: ChildProcess,
  { steps = shortEndSteps, group = false }: { steps?: readonly EndStep[]; group?: boolean } = {},
): void {
  if (child.pid === undefined) return;
  const target = group ? -child.pid : child.pid;
  const line = `watch ${target} ${steps.map(([signal, waitMs]) => `${signal.slice('SIG'.length)} ${Math.ceil(waitMs / 1_000)}`).join(' ')}\n`;
  watched.set(target, line);
  if (guard === undefined) startGuard();
  else tell(guard, line);
  child.once('exit', () => {
    watched.delete(target);
    if (guard !== undefined) tell(guard, `forget ${target}\n`);
  });
}

function startGuard(): void {
  // Of a group of its own: Ctrl-C and whoever ends our group leave it to do its work.
  const started = spawn('sh', [join(packageRoot, 'sh', 'guard.sh')], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard = started;
  const gone = (): void => {
    if (guard === started) guard = undefined;
  };
  // Killed itself, it is started again with the next child. Without a shell there is no guard, and all else works.
  started.once('error', gone).once('exit', gone);
  started.stdin.on('error', gone);
  started.unref();
  (started.stdin as Socket).unref();
  for (const line of watched.values()) tell(started, line);
}

function tell(to: ChildProcess, line: string): void {
  to.stdin?.write(line);
}
