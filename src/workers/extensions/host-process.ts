// One process that runs extensions: started when it is needed, asked, and ended when it stands still or takes too much.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { builtFile } from '../../local/built.js';
import { guardChild } from '../../process-guard.js';
import type { Declaration, FromHost, Result, ToHost, Work } from './messages.js';

/** Code that lets nothing else run for this long is ended: a page of events waits for it. */
const blockedMsMax = 5_000;
/** Loading a module may open connections; it may not hang. */
const loadMsMax = 30_000;
const lookEveryMs = 250;
const exitMsMax = 1_000;
/** Resident memory; the heap's own bound is a half of it. Buffers are outside the heap. */
const memoryMibMax = 512;
const mib = 1_024 * 1_024;
const pageBytes = 4_096;

/** The process has ended, or was ended, before it answered. */
export class HostGone extends Error {
  override readonly name = 'HostGone';
  /** The processor, or the place of the record, that began last, where it said so. */
  begun: string | undefined;
}

export interface HostProcess {
  /** What the module declares; starts it. Throws HostGone. */
  declaration(): Promise<Declaration>;
  /** Throws HostGone, or the reason of `cancelled`. */
  ask(work: Work, cancelled?: AbortSignal): Promise<Result>;
  /** Ends the process; the next question starts another. */
  end(): void;
}

interface Waiting {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
  begun?: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly declared: Promise<Declaration>;
  readonly waiting: Map<number, Waiting>;
  heardAt: number;
}

export interface HostParts {
  readonly modules: readonly string[];
  /** What an extension threw where nobody waits for it. */
  readonly tell: (line: string) => void;
  /** All that it sees of ours. */
  readonly environment: NodeJS.ProcessEnv;
}

export function createHostProcess(parts: HostParts): HostProcess {
  let running: Running | undefined;
  let asked = 0;
  const current = (): Running =>
    (running ??= start(parts, (ended) => void (running = running === ended ? undefined : running)));
  return {
    declaration: () => current().declared,
    async ask(work, cancelled) {
      const host = current();
      await host.declared;
      cancelled?.throwIfAborted();
      const id = ++asked;
      const stop = (): void => {
        const waiting = host.waiting.get(id);
        host.waiting.delete(id);
        say(host, { kind: 'cancel', id });
        waiting?.reject(cancelled!.reason as Error);
      };
      cancelled?.addEventListener('abort', stop, { once: true });
      try {
        return await new Promise<Result>((resolve, reject) => {
          // A process at rest says nothing: from now on it has to.
          if (host.waiting.size === 0) host.heardAt = performance.now();
          host.waiting.set(id, { resolve, reject });
          if (!say(host, { kind: 'work', id, work })) reject(new HostGone('had ended'));
        });
      } finally {
        cancelled?.removeEventListener('abort', stop);
      }
    },
    end() {
      running?.child.kill('SIGKILL');
      // Whoever asks before this process is gone asks another one.
      running = undefined;
    },
  };
}

function start({ modules, tell, environment }: HostParts, onEnd: (ended: Running) => void): Running {
  const entry = builtFile('workers/extensions/host.js');
  const flags = [`--max-old-space-size=${memoryMibMax / 2}`, '--enable-source-maps'];
  const child = spawn(process.execPath, [...flags, entry, ...modules], {
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  guardChild(child);
  const declaring = declarationOf(child);
  const host: Running = { child, declared: declaring.declared, waiting: new Map(), heardAt: performance.now() };
  let reason: string | undefined;
  const endIt = (why: string): void => {
    reason ??= why;
    child.kill('SIGKILL');
  };
  const since = performance.now();
  const looking = setInterval(() => look(host, declaring.done() ? undefined : since, endIt), lookEveryMs).unref();
  child.on('message', (message: FromHost | null) => {
    // An extension can send messages of its own by this channel.
    if (typeof message === 'object' && message !== null) hear(host, message, declaring.hear, tell);
  });
  // The channel of a process that ends is closed first, and its exit says more.
  child.once('disconnect', () => setTimeout(endIt, exitMsMax, 'closed its channel').unref());
  const ended = (how: string): void => {
    clearInterval(looking);
    onEnd(host);
    const why = reason ?? how;
    declaring.fail(new HostGone(why));
    for (const { reject, begun } of host.waiting.values()) reject(Object.assign(new HostGone(why), { begun }));
    host.waiting.clear();
  };
  child.once('error', (error) => ended(`did not start (${error.message})`));
  child.once('exit', (code, signal) => ended(`ended its process (${signal ?? `exit code ${code}`})`));
  return host;
}

function declarationOf(child: ChildProcess) {
  let settled = false;
  let [hear, fail]: [(declaration: Declaration) => void, (error: Error) => void] = [() => {}, () => {}];
  const declared = new Promise<Declaration>((resolve, reject) => {
    hear = (declaration) => resolve(declaration);
    fail = reject;
  }).finally(() => {
    settled = true;
    child.unref();
    child.channel?.unref();
  });
  // Whoever awaits the declaration hears of a failure; a declaration that nobody awaits must not end the worker.
  declared.catch(() => {});
  return { declared, hear, fail, done: () => settled };
}

function hear(
  host: Running,
  message: FromHost,
  declare: (declaration: Declaration) => void,
  tell: (line: string) => void,
): void {
  host.heardAt = performance.now();
  if (message.kind === 'declared' || message.kind === 'refused') return declare(message);
  if (message.kind === 'stray')
    return tell(
      `an extension threw where nobody waits for it (${message.at ?? 'nothing says where'}): ${message.error}`,
    );
  if (message.kind === 'pong') return;
  const waiting = host.waiting.get(message.id);
  if (waiting === undefined) return;
  if (message.kind === 'begin') {
    waiting.begun = message.name;
    return;
  }
  host.waiting.delete(message.id);
  if (message.kind === 'failed') waiting.reject(new Error(message.error));
  else waiting.resolve(message.result);
}

function look(host: Running, loadingSince: number | undefined, end: (why: string) => void): void {
  const now = performance.now();
  if (loadingSince !== undefined && now - loadingSince > loadMsMax)
    return end(`did not load within ${loadMsMax / 1_000} s`);
  if (residentMib(host.child.pid!) > memoryMibMax) return end(`took more than ${memoryMibMax} MiB of memory`);
  if (host.waiting.size === 0) return;
  if (now - host.heardAt > blockedMsMax) return end(`let nothing else run for ${blockedMsMax / 1_000} s`);
  say(host, { kind: 'ping' });
}

function say({ child }: Running, message: ToHost): boolean {
  if (!child.connected) return false;
  child.send(message, () => {});
  return true;
}

/** 0 where /proc is not. */
function residentMib(pid: number): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * pageBytes) / mib;
  } catch {
    return 0;
  }
}
