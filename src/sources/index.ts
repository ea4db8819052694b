// The source types that come with Tributary; those of an operator's modules are beside them (src/extensions).
import { createCatalogue, type Catalogue } from '../domain/catalogue.js';
import { InvalidInput } from '../domain/errors.js';
import type { Source } from '../domain/source.js';
import { apiLog } from './api-log/index.js';
import { filesystem } from './filesystem/index.js';
import { git } from './git/index.js';
import { jsonl } from './jsonl/index.js';
import { program } from './program/index.js';
import { slackExport } from './slack-export/index.js';
import { synthetic } from './synthetic.js';
import { webhook } from './webhook/index.js';

export const builtInSources: readonly Source[] = [
  apiLog as Source,
  filesystem as Source,
  git as Source,
  jsonl as Source,
  program as Source,
  slackExport as Source,
  synthetic as Source,
  webhook as Source,
];

/** Views and indexes of their types are migrations, in sql/; those of all others are made from the catalogue. */
export const migratedSources: readonly Source[] = [git as Source];

export interface SourceRegistry {
  /** Throws InvalidInput naming the types there are. */
  get(type: string): Source;
  readonly types: readonly string[];
  /** What they say of their events. */
  readonly catalogue: Catalogue;
}

/** Throws when two sources have one type name: which of them would run must not depend on order. */
export function createRegistry(sources: readonly Source[] = builtInSources): SourceRegistry {
  const byType = new Map<string, Source>();
  for (const source of sources) {
    if (byType.has(source.type)) throw new InvalidInput('sources', `two sources have the type ${source.type}`);
    byType.set(source.type, source);
  }
  const types = [...byType.keys()].sort();
  return {
    types,
    catalogue: createCatalogue(sources),
    get(type) {
      const source = byType.get(type);
      if (source === undefined)
        throw new InvalidInput('source.type', `found ${JSON.stringify(type)}, expected one of ${types.join(', ')}`);
      return source;
    },
  };
}
