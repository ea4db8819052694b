// Single links of the chain, by name.
import type { Queryable } from '../pool.js';

/** When the page was linked, as Postgres writes it; undefined when no link stands for it. */
export async function findLinkTime(
  db: Queryable,
  page: { readonly source: string; readonly epoch: number; readonly seq: number },
): Promise<string | undefined> {
  const { rows } = await db.query<{ at: string }>(
    'select made_at::text as at from chain_links where source = $1 and epoch = $2 and seq = $3',
    [page.source, page.epoch, page.seq],
  );
  return rows[0]?.at;
}

export interface ChainHead {
  readonly source: string;
  /** The number of its last link: from 1 up, of the chain beside the pages from -1 down. */
  readonly links: number;
  /** Hexadecimal. */
  readonly chain: string;
}

/** `anchoredAt`: when it was written down. */
export type AnchoredHead = ChainHead & { readonly anchoredAt: string };
/** `removedAt`: a person removed the source with its events since, and the chain with them. */
export type UnknownHead = ChainHead & { readonly removedAt: Date | null };

/** Of these heads, those the store does not have: its history was written anew, or taken away, since. */
export async function findUnknownHeads(db: Queryable, heads: readonly AnchoredHead[]): Promise<UnknownHead[]> {
  const { rows } = await db.query<UnknownHead>(
    `select h.source, h.links::float8 as links, h.chain,
            (select max(removed_at) from source_removals r where r.source = h.source and r.removed_at > h.at) as "removedAt"
       from unnest($1::text[], $2::bigint[], $3::text[], $4::timestamptz[]) as h(source, links, chain, at)
      where not exists (select from chain_links l where l.source = h.source and l.number = h.links and l.chain = decode(h.chain, 'hex'))
      order by 1, 2`,
    [
      heads.map(({ source }) => source),
      heads.map(({ links }) => links),
      heads.map(({ chain }) => chain),
      heads.map(({ anchoredAt }) => anchoredAt),
    ],
  );
  return rows;
}
