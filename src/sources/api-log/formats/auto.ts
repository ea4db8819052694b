// `auto`: the format that most of the first lines of a file fit. It is decided once for a file and travels with its records, so
// that a record means the same whenever it is read. A line that does not fit the format of its file is tried with the others: a
// server whose settings changed goes on in the same file.
import type { Layout } from './index.js';
import { formatLimits } from './limits.js';
import type { LogLine } from './line.js';
import { namedFormats, type PreparedLine, type ReadLine } from './named-formats.js';
import { isW3c } from './w3c.js';
import type { Zone } from './zone.js';

/** Of formats that fit alike the first: the narrower one. logfmt takes whatever has an equals sign. */
const candidates = ['json', 'traefik_common', 'main', 'vhost_combined', 'combined', 'common', 'elb', 'logfmt'];

/** What a line that fits must tell: a log of something else has neither status nor path. */
function score({ fields, flags, problem }: LogLine, name: string): number {
  if (problem !== undefined || (fields.status === undefined && fields.path === undefined)) return 0;
  if (flags.includes('bad_time')) return 0;
  // `::1 - ada l [` has a host and a port, too, when it is read so; but no host has a colon.
  const isDoubtful = name === 'vhost_combined' && fields.host?.includes(':') === true && !fields.host.startsWith('[');
  return isDoubtful || flags.includes('trailing_text') || flags.includes('bad_number') ? 1 : 2;
}

/** The layout; null: none of the formats fits any line. */
export function lookAt(lines: readonly PreparedLine[], zone: Zone): Layout {
  let [best, most]: [Layout, number] = [null, 0];
  const looked = lines.filter(({ text }) => text !== '').slice(0, formatLimits.lookLines);
  for (const name of candidates) {
    const sum = looked.reduce((total, line) => total + score(readAs(name, line, zone), name), 0);
    if (sum > most) [best, most] = [name, sum];
  }
  return best;
}

function readAs(name: string, line: PreparedLine, zone: Zone): LogLine {
  return namedFormats.get(name)!(line, zone, null);
}

export const readAuto: ReadLine = (line, zone, layout) => {
  const name = isW3c(layout) ? 'w3c' : layout;
  const own = name === null ? undefined : namedFormats.get(name)?.(line, zone, layout);
  if (own !== undefined && own.problem === undefined) return own;
  let [found, most] = [own, 0];
  for (const candidate of candidates) {
    const read = readAs(candidate, line, zone);
    const points = score(read, candidate);
    if (points > most) [found, most] = [read, points];
  }
  return found ?? unknown(line, zone);
};

/** As the most usual format says it. */
function unknown(line: PreparedLine, zone: Zone): LogLine {
  const read = readAs('combined', line, zone);
  return read.problem === undefined
    ? read
    : { ...read, problem: { column: 1, expected: 'a line of a format that is known' } };
}
