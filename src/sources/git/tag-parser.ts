// A tag object's bytes to its parts. Like a commit, it may be written by anybody. git writes no encoding into tags and
// converts none, whatever a header says: their bytes are UTF-8 or no text.
import { personOf, valueOf, type Person } from './commit-parser.js';
import { textOf, type Text } from './text.js';

export interface ParsedTag {
  /** The name inside, which need not be the ref's. */
  readonly name: Text | null;
  readonly tagger: Person | null;
  /** With its signature, where there is one: git keeps them together. */
  readonly message: Text;
}

export function parseTag(bytes: Buffer): ParsedTag {
  const end = bytes.indexOf('\n\n');
  const lines = bytes.toString('latin1', 0, end < 0 ? bytes.length : end).split('\n');
  const name = valueOf(lines, 'tag');
  return {
    name: name === undefined ? null : textOf(Buffer.from(name, 'latin1')),
    tagger: personOf(valueOf(lines, 'tagger')),
    message: textOf(end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 2)),
  };
}
