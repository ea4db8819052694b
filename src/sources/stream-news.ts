// The cheap look at a followed source of streams that were read to their end: each stream's own check is asked, nothing is
// stored, and Postgres is asked once for all looks from one position.
import { isWait } from '../domain/errors.js';
import type { SourceContext } from '../domain/source.js';
import { streamRows, isWaiting, type StreamRow } from './stream-rows.js';
import type { StreamsCursor, StreamsDefinition } from './streams.js';

/** Checks at once: each may be a connection. */
const checksAtOnceMax = 8;

type Checked<Options, Position> = Pick<StreamsDefinition<Options, Position>, 'list' | 'position'> &
  Required<Pick<StreamsDefinition<Options, Position>, 'hasNews'>>;

/**
 * True when a round may find something: a stream that is listed and not known, or known and not listed any more; one that was
 * not read to its end; one whose check says so or fails. A check that is told to come back later throws that: a round would ask
 * the stream at once, so the source waits as a whole.
 */
export function streamNews<Options, Position>(
  definition: Checked<Options, Position>,
): (context: SourceContext<Options>, committed: StreamsCursor) => Promise<boolean> {
  // Rows change with the position alone, and a follower that waits looks from one and the same.
  const known = new WeakMap<StreamsCursor, ReadonlyMap<string, StreamRow>>();
  return async (context, committed) => {
    const rows = known.get(committed) ?? (await streamRows(context.state));
    known.set(committed, rows);
    if (listChanged(await definition.list(context), rows)) return true;
    const there = [...rows].filter(([, { state }]) => state !== 'gone');
    for (let at = 0; at < there.length; at += checksAtOnceMax) {
      const checks = there.slice(at, at + checksAtOnceMax).map(([name, row]) => check(definition, context, name, row));
      if ((await Promise.all(checks)).includes(true)) return true;
    }
    return false;
  };
}

function listChanged(listed: readonly string[], rows: ReadonlyMap<string, StreamRow>): boolean {
  const names = new Set(listed);
  const isThere = (name: string) => rows.has(name) && rows.get(name)!.state !== 'gone';
  return listed.some((name) => !isThere(name)) || [...rows.keys()].some((name) => isThere(name) && !names.has(name));
}

async function check<Options, Position>(
  definition: Checked<Options, Position>,
  context: SourceContext<Options>,
  stream: string,
  row: StreamRow,
): Promise<boolean> {
  if (isWaiting(row, Date.now())) return false;
  const inTrouble = row.state === 'needs_attention';
  if (row.state !== 'up_to_date' && !inTrouble) return true;
  try {
    // Whatever one in trouble answers: it answers.
    return (await definition.hasNews({ ...context, stream }, definition.position.parse(row.position))) || inTrouble;
  } catch (error) {
    if (isWait(error)) throw error;
    // In trouble still, which is known and told; a round that finds no more would come with every look.
    return !inTrouble;
  }
}
