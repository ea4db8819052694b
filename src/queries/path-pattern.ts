// A path as people name it: a file, a folder with all below it, or a pattern with `*`, `?` and `**`.
import { InvalidInput } from '../domain/errors.js';
import { limits } from '../limits.js';
import type { PathPattern } from '../store/reading/event-filter.js';

/** `*` and `?` stay within a folder, `**` does not, as git has it. Undefined stays undefined. */
export function pathPattern(text: string | undefined): PathPattern | undefined {
  if (text === undefined) return undefined;
  const path = text.replace(/^\.\//, '').replace(/\/+$/, '');
  if (path === '' || path.startsWith('/'))
    throw new InvalidInput(
      'path',
      `found ${JSON.stringify(text.slice(0, 40))}, expected a path from the root of the repository, like src/main.ts, src or src/**/*.ts`,
    );
  const wildcardAt = path.search(/[*?]/);
  const most = wildcardAt < 0 ? limits.optionCharsMax : limits.searchPathCharsMax;
  const what = wildcardAt < 0 ? '' : ' of a pattern';
  if (path.length > most)
    throw new InvalidInput('path', `has ${path.length} characters, expected at most ${most}${what}`);
  if (wildcardAt < 0) return { file: path, prefix: `${path}/`, regex: null };
  return {
    file: null,
    prefix: path.slice(0, wildcardAt),
    regex: `^${path
      .split(/(\*\*\/?|\*|\?)/)
      .map(regexOf)
      .join('')}$`,
  };
}

function regexOf(part: string): string {
  switch (part) {
    case '**/':
      return '(.*/)?';
    case '**':
      return '.*';
    case '*':
      return '[^/]*';
    case '?':
      return '[^/]';
    default:
      return part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  }
}
