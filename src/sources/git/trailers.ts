// Trailers (`Signed-off-by: …`) by the rules of `git interpret-trailers`: the last paragraph, when all its lines are
// trailers, or one is git's own kind and at least a quarter are.
import { limits } from '../../limits.js';

// A type and no interface: it goes into `data` as JSON.
export type Trailer = { key: string; value: string };

const trailerLine = /^([A-Za-z0-9-]+)[ \t]*:(.*)$/s;
const gitsOwn = /^(Signed-off-by: |\(cherry picked from commit )/;

export function trailersOf(message: string): Trailer[] {
  const lines = lastParagraph(message);
  const own = lines.some((line) => gitsOwn.test(line));
  const isTrailer = lines.map((line) => trailerLine.test(line) || gitsOwn.test(line));
  const good = unfolded(lines, isTrailer);
  const [trailers, others] = [good.filter((one) => one !== null).length, good.filter((one) => one === null).length];
  if (trailers === 0 || (others > 0 && !(own && trailers * 3 >= others))) return [];
  return good.flatMap(trailerOf).slice(0, limits.gitTrailersMax);
}

/** Not the first: a subject alone (`fix: …`) is no trailer. Comment lines are not seen, as git does not see them. */
function lastParagraph(message: string): string[] {
  const lines = message.slice(-limits.gitTrailersMax * limits.gitTrailerCharsMax).trimEnd().split('\n');
  const start = lines.findLastIndex((line) => line.trim() === '');
  return start < 0 ? [] : lines.slice(start + 1).filter((line) => !line.startsWith('#'));
}

/** Lines that begin with a blank go on with the trailer before; null stands for a line that is none. */
function unfolded(lines: readonly string[], isTrailer: readonly boolean[]): (string | null)[] {
  const result: (string | null)[] = [];
  for (const [at, line] of lines.entries()) {
    const before = result.at(-1);
    if (/^[ \t]/.test(line) && before !== undefined) {
      if (before !== null) result[result.length - 1] = `${before} ${line.trim()}`;
    } else result.push(isTrailer[at] === true ? line : null);
  }
  return result;
}

function trailerOf(line: string | null): Trailer[] {
  const [, key, value] = (line === null ? null : trailerLine.exec(line)) ?? [];
  if (key === undefined || value === undefined) return [];
  return [{ key: key.slice(0, limits.gitTrailerCharsMax), value: value.trim().slice(0, limits.gitTrailerCharsMax) }];
}
