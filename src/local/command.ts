// Runs a program to its end, bounded in time and output.
import { spawn } from 'node:child_process';
import type { SpawnOptions } from 'node:child_process';
import { guardChild } from '../process-guard.js';
import type { Account } from './postgres-account.js';

/** Kept of what a program writes; the end is what explains a failure. */
const OUTPUT_CHARS_MAX = 64 * 1024;

export interface CommandOptions {
  readonly timeoutMs: number;
  readonly input?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly account?: Account | null;
  readonly directory?: string;
}

export interface CommandResult {
  readonly ok: boolean;
  readonly output: string;
  /** Why it is not ok, in words, the last of them the program's own. */
  readonly failure: string;
  /** Only how it ended: an exit code, a signal. */
  readonly how: string;
}

export function runCommand(command: string, options: readonly string[], how: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, options, spawnOptions(how));
    guardChild(child);
    let output = '';
    const keep = (text: string): void => {
      output = (output + text).slice(-OUTPUT_CHARS_MAX);
    };
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    child.once('error', (error) => resolve({ ok: false, output, failure: error.message, how: error.message }));
    child.once('close', (code, signal) => {
      const ended = endOf(code, signal, how.timeoutMs);
      const failure = code === 0 ? '' : `${ended}: ${output.trim().slice(-1_000) || 'it wrote nothing'}`;
      resolve({ ok: code === 0, output, failure, how: ended });
    });
    child.stdin?.on('error', () => undefined).end(how.input ?? '');
  });
}

function spawnOptions(how: CommandOptions): SpawnOptions {
  return {
    cwd: how.directory ?? '/',
    stdio: 'pipe',
    timeout: how.timeoutMs,
    killSignal: 'SIGKILL',
    ...(how.environment ? { env: how.environment } : {}),
    ...(how.account ? { uid: how.account.uid, gid: how.account.gid } : {}),
  };
}

function endOf(code: number | null, signal: string | null, timeoutMs: number): string {
  if (signal === 'SIGKILL') return `killed (its time was ${timeoutMs / 1_000} s)`;
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}
