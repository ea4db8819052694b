// What only Temporal knows of syncs: which of them ended without a word, and what holds up those that run.
import type { Client } from '@temporalio/client';
import type { Config } from '../../config.js';
import { workflowIdPrefix } from '../../domain/workflow-id.js';
import { limits } from '../../limits.js';
import type { Stack } from '../../local/stack.js';
import { wordlessEndOf, type WordlessEnd } from '../../workers/ended-runs.js';
import { connectTemporal } from '../stack/connect.js';
import { allSetbacks } from './all-setbacks.js';
import type { Setback } from './setback-text.js';

export interface TemporalView {
  /** By source: of those asked about that are not at work. */
  readonly ends: ReadonlyMap<string, WordlessEnd>;
  readonly setbacks: readonly Setback[];
}

const asksAtOnce = 16;

/** `open`: ids of sources whose last run has not said that it ended. Throws where Temporal does not answer. */
export async function temporalView(config: Config, stack: Stack, open: readonly string[]): Promise<TemporalView> {
  const client = await connectTemporal(config, stack, limits.quickAnswerMs);
  try {
    return await client.withDeadline(Date.now() + 2 * limits.quickAnswerMs, async () => ({
      ends: await endsOf(client, open),
      setbacks: await allSetbacks(client),
    }));
  } finally {
    await client.connection.close();
  }
}

/** Of those that are not at work. */
export async function endsOf(
  { workflow }: Client,
  sources: readonly string[],
): Promise<ReadonlyMap<string, WordlessEnd>> {
  const ends = new Map<string, WordlessEnd>();
  const rest = sources.values();
  const ask = async (): Promise<void> => {
    for (const source of rest) {
      const end = await wordlessEndOf(workflow, workflowIdPrefix + source);
      if (end !== null) ends.set(source, end);
    }
  };
  await Promise.all(Array.from({ length: asksAtOnce }, ask));
  return ends;
}
