// A command in the process of the test, for what ends before it starts or reads anything: a process of its own takes half a
// second of CPU, and there are many ways to be wrong. One at a time.
import { vi } from 'vitest';
import { main } from '../../src/clients/program.js';
import type { Outcome } from './command.js';

/** With nothing in the environment but this. */
export async function ownCommand(
  words: readonly string[],
  environment: Record<string, string>,
): Promise<Pick<Outcome, 'code' | 'out' | 'err'>> {
  const { env } = process;
  const listeners = process.stdout.listeners('error');
  const [out, err] = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
  for (const stream of [out, err]) stream.mockReturnValue(true);
  process.env = environment;
  try {
    const code = await main(words);
    return { code, out: textOf(out.mock.calls), err: textOf(err.mock.calls) };
  } finally {
    process.env = env;
    for (const stream of [out, err]) stream.mockRestore();
    for (const added of process.stdout.listeners('error')) {
      if (!listeners.includes(added)) process.stdout.off('error', added as () => void);
    }
  }
}

function textOf(calls: readonly (readonly unknown[])[]): string {
  return calls.map(([text]) => String(text)).join('');
}
