// tributary follow: a sync that does not end: it looks for more at an interval.
import { InvalidInput } from '../../domain/errors.js';
import { limits } from '../../limits.js';
import { interval } from '../../queries/option-values.js';
import type { SyncWords } from '../sync/source-input.js';
import type { Command } from '../stack/stack-access.js';
import { syncCommand } from './sync.js';

export interface FollowOptions {
  readonly every: string | undefined;
  readonly detach: boolean;
  readonly acceptDeletions: true | undefined;
}

export async function followCommand(
  command: Command,
  words: SyncWords,
  { every, detach, acceptDeletions }: FollowOptions,
): Promise<number> {
  const pollIntervalMs = interval('every', every);
  if (
    pollIntervalMs !== undefined &&
    (pollIntervalMs < limits.pollIntervalMsMin || pollIntervalMs > limits.pollIntervalMsMax)
  ) {
    throw new InvalidInput(
      'every',
      `expected from ${limits.pollIntervalMsMin}ms to ${limits.pollIntervalMsMax / 86_400_000}d`,
    );
  }
  return syncCommand(command, words, detach, { mode: 'follow', pollIntervalMs, acceptDeletions });
}
