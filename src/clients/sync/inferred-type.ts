// The type of a source that people leave out, where the path or url says it: `tributary sync .`.
import { existsSync } from 'node:fs';
import { InvalidInput } from '../../domain/errors.js';
import type { SourceRegistry } from '../../sources/index.js';
import { absolute, type SyncWords } from './source-input.js';

/** A word that no source id can be: a path that begins like one, a url, user@host:path. `api` is an id, `./api` a folder. */
const placeForm = /^(\.{1,2}$|\.{0,2}\/|~$|~\/|[a-z][a-z0-9+.-]*:\/\/|[^/:@]+@[^/:]+:)/i;

/** The words with the type added, or as they were. Throws InvalidInput where no type takes the place, or several do. */
export function withInferredType(registry: SourceRegistry, words: SyncWords): SyncWords {
  const place = words.type;
  if (words.argument !== undefined || registry.types.includes(place) || !placeForm.test(place)) return words;
  const types = registry.types.filter((type) => registry.get(type).recognises?.(absolute(place)) === true);
  const [type] = types;
  if (type !== undefined && types.length === 1) return { ...words, type, argument: place };
  const taken = registry.types.filter((one) => registry.get(one).argument !== undefined);
  const found = types.length === 0 ? 'no type of source recognises' : `${types.join(' and ')} both recognise`;
  const path = absolute(place);
  const missing = path.startsWith('/') && !existsSync(path) ? ', which does not exist' : '';
  throw new InvalidInput(
    'type or id',
    `is left out, and ${found} ${JSON.stringify(place)}${missing}; expected the type before it, one of ${taken.join(', ')}`,
  );
}
