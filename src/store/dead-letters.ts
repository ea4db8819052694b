// Rows of `dead_letters`: what no retry can store, kept with its bytes and its reason.
import { limits } from '../limits.js';
import type { PageKey } from '../domain/page.js';
import type { DeadEvent } from '../domain/stage.js';
import type { Session } from './pool.js';

export async function insertDeadLetters(session: Session, page: PageKey, letters: readonly DeadEvent[]): Promise<void> {
  if (letters.length === 0) return;
  await session.query(
    `insert into dead_letters (source, epoch, page, ordinal, stage, code, error, event, raw)
     select $1, $2, $3, ordinal, stage, code, error, event, raw
       from unnest($4::integer[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::bytea[])
         as letter(ordinal, stage, code, error, event, raw)`,
    [
      page.source,
      page.epoch,
      page.seq,
      letters.map((letter) => letter.ordinal),
      letters.map((letter) => letter.stage),
      letters.map((letter) => letter.code),
      letters.map((letter) => storable(letter.error.slice(0, limits.errorCharsMax))),
      letters.map((letter) => (letter.event === null ? null : JSON.stringify(letter.event))),
      letters.map((letter) => letter.raw),
    ],
  );
}

/** Postgres text holds neither NUL nor half of a surrogate pair. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
