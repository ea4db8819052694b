// Link headers as vendors write them, as the RFC allows them, and as nobody should.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextLink, parseLinks } from '../../src/outside/link-header.js';

test.each<[string, string | undefined]>([
  [
    '<https://api.github.com/repositories/1/issues?page=2>; rel="next", <https://api.github.com/x?page=9>; rel="last"',
    'https://api.github.com/repositories/1/issues?page=2',
  ],
  ['<https://a/x?page=1>; rel="prev", <https://a/x?page=3>; rel="next"', 'https://a/x?page=3'],
  ['<https://a/x?ids=1,2;3>; title="a, b; rel=\\"next\\""; rel="next"', 'https://a/x?ids=1,2;3'],
  ['<https://a/x>; title="<https://evil/>; rel=next", <https://a/y>; rel=next', 'https://a/y'],
  ['</x?page=2>; rel=next', '/x?page=2'],
  ['<?page=2>;REL="NEXT"', '?page=2'],
  ['<x>; rel="last next"', 'x'],
  ['<x>; rel="last"; rel="next"', undefined],
  ['<x>; rel="next"; anchor="#elsewhere"', undefined],
  ['<x>; rel="nextish", <y>; rel="next-archive"', undefined],
  [' , ,<x>;;rel = next ,', 'x'],
  ["<x>; rel*=UTF-8''next", undefined],
  ['<>; rel="next"', ''],
  ['<x>', undefined],
  ['', undefined],
  ['<x; rel="next"', undefined],
  ['x; rel="next"', undefined],
  ['<x>; rel="next', undefined],
  ['<a>; rel="prev", garbage, <x>; rel="next"', undefined],
])('%s', (link, next) => {
  expect(nextLink({ link })).toBe(next);
});

test('several headers are one list; none is the last page', () => {
  expect(nextLink({ link: ['<a>; rel="prev"', '<b>; rel="next"'] })).toBe('b');
  expect(nextLink({})).toBeUndefined();
});

test('what was written is read, whatever stands in it', () => {
  const target = fc.string().map((text) => encodeURI(text.toWellFormed()).replaceAll('>', '%3E'));
  const quoted = fc.string({ unit: fc.constantFrom('a', 'b', ' ', ',', ';', '<', '>', '=', '"', '\\') });
  const link = fc.record({ target, title: quoted, relation: fc.constantFrom('next', 'prev', 'last') });
  fc.assert(
    fc.property(fc.array(link), (links) => {
      const text = links
        .map((one) => `<${one.target}>; title="${one.title.replaceAll(/["\\]/g, '\\$&')}"; rel="${one.relation}"`)
        .join(', ');
      expect(parseLinks(text).map((one) => [one.target, ...one.relations])).toEqual(
        links.map((one) => [one.target.trim(), one.relation]),
      );
    }),
  );
});

test('no header makes it fail or tarry', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('<', '>', ';', ',', '=', '"', '\\', ' ', '\t', 'a', 'rel') }),
      (text) => Array.isArray(parseLinks(text)),
    ),
  );
  for (const piece of ['<', '<a>', '<a>;', '<a>;a="', '"', ';=', ' ', '<a>;rel="\\'])
    expect(parseLinks(piece.repeat(30_000)).length).toBeLessThanOrEqual(30_000);
});
