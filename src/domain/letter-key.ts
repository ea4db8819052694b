// The name of a dead letter as people type it: the source, and the epoch, page and ordinal that gave it. It never changes.
import { InvalidInput } from './errors.js';
import { parseInput } from './parse.js';
import { sourceIdSchema } from './source-id.js';
import type { DeferredKey } from './stage.js';

export interface LetterKey extends DeferredKey {
  readonly source: string;
}

/** `acme/api@3.7.12`: epoch 3, page 7, ordinal 12. */
export function letterName({ source, epoch, page, ordinal }: LetterKey): string {
  return `${source}@${epoch}.${page}.${ordinal}`;
}

/** Throws InvalidInput that names the field. A source id has no `@`. */
export function parseLetterKey(text: string, field: string): LetterKey {
  const [, source, epoch, page, ordinal] = /^([^@]+)@(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/.exec(text) ?? [];
  if (source === undefined) {
    throw new InvalidInput(
      field,
      `found ${JSON.stringify(text.slice(0, 200))}, expected source@epoch.page.ordinal like acme/api@3.7.12`,
    );
  }
  return {
    source: parseInput(sourceIdSchema, source, field),
    epoch: Number(epoch),
    page: Number(page),
    ordinal: Number(ordinal),
  };
}
