// Puts a source's position back to the start: the next run reads everything again, and what is known is recognised.
import { appendLink, beginChain } from './chain.js';
import { lockCursor } from './cursors.js';
import type { Pool } from './pool.js';
import { inTransaction } from './transaction.js';

export async function resetPosition(pool: Pool, source: string, initialDigest: string): Promise<void> {
  await inTransaction(pool, async (session) => {
    const cursor = await lockCursor(session, source);
    if (cursor === undefined) return;
    await beginChain(session, cursor);
    await session.query('update source_cursors set cursor = null, digest = $2, updated_at = now() where source = $1', [
      source,
      initialDigest,
    ]);
    await appendLink(session, { source, kind: 'reset' });
  });
}
