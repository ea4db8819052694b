// The query of GET /v1/stream as the words of a question.
import { InvalidInput } from '../domain/errors.js';
import type { FeedWords } from '../queries/feed-question.js';

const names = ['source', 'type', 'priority', 'since', 'from'] as const;

/** Throws InvalidInput that names the parameter: one that is not known would filter nothing, and nobody would notice. */
export function askedWords(query: URLSearchParams): FeedWords {
  for (const name of new Set(query.keys())) {
    if (!(names as readonly string[]).includes(name))
      throw new InvalidInput(name.slice(0, 40), `is not known here, expected one of ${names.join(', ')}`);
    if (name !== 'type' && query.getAll(name).length > 1) throw new InvalidInput(name, 'is given more than once');
  }
  const one = (name: string): string | undefined => query.get(name) ?? undefined;
  return {
    source: one('source'),
    type: query.has('type') ? query.getAll('type') : undefined,
    priority: one('priority'),
    since: one('since'),
    from: one('from'),
  };
}
