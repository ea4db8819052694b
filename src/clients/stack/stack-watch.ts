// What keeps the embedded stack from running, for whoever waits for one of its syncs: a full disk above all.
import { stackStatus } from '../../local/stack.js';
import type { Setback } from '../sync/setback-text.js';
import type { Command } from './stack-access.js';

const everyMs = 2_000;

/** Told again for as long as it is so. Returns what ends it. */
export function watchStack(
  { config }: Pick<Command, 'config'>,
  tell: (problem: Omit<Setback, 'source'>) => void,
): () => void {
  const look = async (): Promise<void> => {
    // A home that cannot be read was told of before anything began.
    const { problem, state } = await stackStatus(config).catch(() => ({ problem: null, state: 'stopped' }));
    if (problem !== null)
      tell({ step: `stack (${state})`, failed: 0, triesMax: null, code: null, message: problem, nextAt: null });
  };
  const timer = setInterval(() => void look(), everyMs);
  return () => clearInterval(timer);
}
