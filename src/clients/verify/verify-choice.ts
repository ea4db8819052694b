// What `tributary verify` is asked to look at, checked before anything is started.
import { z } from 'zod';
import { InvalidInput } from '../../domain/errors.js';
import { instantOf } from '../../domain/instant.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { findLinkTime } from '../../store/proving/links.js';
import type { Queryable } from '../../store/pool.js';

export interface VerifyChoice {
  readonly quick?: boolean;
  readonly since?: string;
  readonly anchor?: string;
  readonly anchorKey?: string;
  readonly deep?: boolean;
  readonly repair?: boolean;
}

export interface VerifyWanted {
  readonly source: string | null;
  readonly isQuick: boolean;
  readonly since: { readonly time: string } | { readonly epoch: number; readonly seq: number } | null;
  readonly anchor: { readonly path: string; readonly key: string } | null;
  /** The origins are compared, too; `repair`: and what is missing is read. */
  readonly deep: 'compare' | 'repair' | null;
}

const keySchema = z
  .string()
  .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'expected env:NAME or file:PATH, which the key is read from');

export function wantedOf(
  id: string | undefined,
  { quick = false, since, anchor, anchorKey, deep = false, repair = false }: VerifyChoice,
): VerifyWanted {
  const source = id === undefined ? null : parseInput(sourceIdSchema, id, 'source');
  if ((anchor === undefined) !== (anchorKey === undefined)) {
    throw new InvalidInput(
      anchor === undefined ? '--anchor' : '--anchor-key',
      'is missing: a file and the key that signs its lines are given together',
    );
  }
  if (repair && !deep)
    throw new InvalidInput('--repair', 'reads what `--deep` finds missing; expected both of them together');
  return {
    deep: deep ? (repair ? 'repair' : 'compare') : null,
    source,
    isQuick: quick,
    since: since === undefined ? null : sinceOf(since, source),
    anchor: anchor === undefined ? null : { path: anchor, key: parseInput(keySchema, anchorKey, '--anchor-key') },
  };
}

const ordinal = 2 ** 31;

function sinceOf(text: string, source: string | null): VerifyWanted['since'] {
  const page = /^(\d{1,10})\.(\d{1,10})$/.exec(text);
  if (page !== null && source === null)
    throw new InvalidInput('--since', 'a page is one of a source; name the source, or give a time');
  const [epoch, seq] = [Number(page?.[1]), Number(page?.[2])];
  if (page !== null && epoch < ordinal && seq < ordinal) return { epoch, seq };
  const time = instantOf(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (time === null)
    throw new InvalidInput('--since', 'expected a time like 2026-11-01 or 2026-11-01T12:00:00Z, or a page like 3.120');
  return { time };
}

/** The moment as Postgres takes it. */
export async function momentOf(db: Queryable, { since, source }: VerifyWanted): Promise<string | null> {
  if (since === null || 'time' in since) return since?.time ?? null;
  const time = await findLinkTime(db, { source: source!, ...since });
  if (time === undefined)
    throw new InvalidInput('--since', `no page ${since.epoch}.${since.seq} of ${source} is in the chain`);
  return time;
}
