// Link headers (RFC 8288, appendix B.2), of which only the next page is asked for. Written here because the packages
// for it take a link's `anchor` for nothing, or throw at what is not well-formed; this reads each character once.
import { headerOf, type Headers } from './headers.js';

export interface Link {
  /** As it was written, maybe relative. */
  readonly target: string;
  /** In lower case. */
  readonly relations: readonly string[];
  /** Says that the link is about something else than the answer it came with. */
  readonly anchored: boolean;
}

const reference = /[\s,]*<([^>]*)>/y;
const parameter = /[ \t]*;[ \t]*(?:([^\s=;,"<>]+)[ \t]*(?:=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?)?/y;

/** Up to where it is no longer well-formed. */
export function parseLinks(header: string): Link[] {
  const links: Link[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(header);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  for (let found = take(reference); found !== null; found = take(reference)) {
    const parameters = new Map<string, string>();
    for (let one = take(parameter); one !== null; one = take(parameter)) {
      const [, name, quoted, token = ''] = one;
      // The first of a name counts.
      if (name !== undefined && !parameters.has(name.toLowerCase()))
        parameters.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? token);
    }
    const relations = (parameters.get('rel') ?? '')
      .toLowerCase()
      .split(/\s+/)
      .filter((relation) => relation !== '');
    links.push({ target: found[1]!.trim(), relations, anchored: parameters.has('anchor') });
  }
  return links;
}

/** As it was written; undefined: this is the last page. */
export function nextLink(headers: Headers): string | undefined {
  return parseLinks(headerOf(headers, 'link') ?? '').find(
    ({ relations, anchored }) => relations.includes('next') && !anchored,
  )?.target;
}
