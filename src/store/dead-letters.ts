// Rows of `dead_letters`: what no retry can store, kept with its bytes and its reason.
import { limits } from '../limits.js';
import type { PageKey } from '../domain/page.js';
import type { DeadEvent, Return } from '../domain/stage.js';
import { changesOf, letterRows } from './chain.js';
import type { Session } from './pool.js';

/** `returned`: what those that come back have been through. */
export async function insertDeadLetters(
  session: Session,
  page: PageKey,
  letters: readonly DeadEvent[],
  returned: ReadonlyMap<number, Return>,
): Promise<void> {
  if (letters.length === 0) return;
  await session.query(
    `with made as (
     insert into dead_letters (source, epoch, page, ordinal, stage, code, error, event, raw, part, holder, context, processed, deaths, earlier_letter)
     select $1, $2, $3, ordinal, stage, code, error, event, raw, part, holder, context,
            array(select jsonb_array_elements_text(processed)), deaths, earlier_letter
       from unnest($4::integer[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::bytea[], $10::integer[], $11::integer[], $12::jsonb[],
                   $13::jsonb[], $14::integer[], $15::text[])
         as letter(ordinal, stage, code, error, event, raw, part, holder, context, processed, deaths, earlier_letter)
     returning *
     ) ${changesOf(letterRows, 'made', '$1')}`,
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
      letters.map((letter) => letter.part ?? null),
      letters.map((letter) => letter.holder ?? null),
      letters.map((letter) => JSON.stringify(letter.context ?? {})),
      letters.map((letter) => JSON.stringify(letter.processed ?? [])),
      letters.map((letter) => (returned.get(letter.ordinal)?.letter?.deaths ?? 0) + 1),
      letters.map((letter) => returned.get(letter.ordinal)?.letter?.key ?? null),
    ],
  );
}

/** Postgres text holds neither NUL nor half of a surrogate pair. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
