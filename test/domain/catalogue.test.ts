// What a source may say of its event types, and how a mistake in it is told.
import { expect, test } from 'vitest';
import { aboutOf, createCatalogue, embedFieldsOf, type EventType } from '../../src/domain/catalogue.js';

const note: EventType = { type: 'acme.note', summary: 'a note', stability: 'stable' };

function of(...events: Partial<EventType>[]): () => unknown {
  return () => createCatalogue([{ type: 'acme', events: events.map((event) => ({ ...note, ...event })) }]);
}

test('a source that says nothing has no types, and a type nobody declared is none', () => {
  const catalogue = createCatalogue([{ type: 'plain' }]);
  expect([catalogue.types, catalogue.get('constructor')]).toEqual([[], undefined]);
});

test('sources of one family may share a declaration and its view; another declaration of that type is refused', () => {
  const shared = { ...note, view: { name: 'acme_notes', columns: [] } };
  const live = { type: 'acme', events: [shared] };
  expect(createCatalogue([live, { type: 'acme_export', events: [shared] }]).types).toEqual([shared]);
  expect(() => createCatalogue([live, { type: 'acme_export', events: [{ ...shared }] }])).toThrow(
    'sources.acme_export.events.0.type: acme.note is declared twice',
  );
  expect(() => createCatalogue([{ type: 'acme', events: [shared, shared] }])).toThrow('acme.note is declared twice');
});

test('the fields to embed are those that are declared, and an empty list is one', () => {
  const events = [
    { ...note, embed: ['title'] },
    { ...note, type: 'acme.secret', embed: [] },
    { ...note, type: 'acme.plain' },
  ];
  expect(embedFieldsOf(createCatalogue([{ type: 'acme', events }]))).toEqual({
    'acme.note': ['title'],
    'acme.secret': [],
  });
});

test('a line that fails, or is no text, is none', () => {
  const line = (about: () => unknown) =>
    aboutOf(createCatalogue([{ type: 'acme', events: [{ ...note, about: about as never }] }]), {
      type: 'acme.note',
      subject: null,
      time: null,
      data: {},
    });
  expect(line(() => 'told')).toBe('told');
  for (const about of [
    () => '',
    () => 7,
    () => null,
    () => {
      throw new Error('x');
    },
  ])
    expect(line(about)).toBeNull();
});

test.each<[string, () => unknown, string]>([
  ['a type without a name', of({ type: '' }), 'sources.acme.events.0.type: is "", expected a name like acme.note'],
  ['a type twice', of({}, {}), 'sources.acme.events.1.type: acme.note is declared twice'],
  [
    'a summary of two lines',
    of({ summary: 'a\nb' }),
    'sources.acme.events.0.summary: is no line of text, in acme.note',
  ],
  [
    'an unknown stability',
    of({ stability: 'beta' as never }),
    'sources.acme.events.0.stability: is "beta" in acme.note, expected stable or experimental',
  ],
  [
    'an unknown priority',
    of({ priority: 9 as never }),
    'sources.acme.events.0.priority: is 9 in acme.note, expected 1 to 4',
  ],
  [
    'a line that is no function',
    of({ about: 'x' as never }),
    'sources.acme.events.0.about: is no function, in acme.note',
  ],
  ['fields that are none', of({ embed: ["a'b"] }), 'sources.acme.events.0.embed: is no list of fields, in acme.note'],
  [
    'a view of another source',
    of({ view: { name: 'git_commits', columns: [] } }),
    'sources.acme.events.0.view.name: is git_commits in acme.note, expected a name that begins with acme_',
  ],
  [
    'a view with quotes',
    of({ view: { name: 'acme"; drop', columns: [] } }),
    'sources.acme.events.0.view.name: is "acme\\"; drop" in acme.note, expected lower case letters, digits and _',
  ],
  [
    'a column twice',
    of({ view: { name: 'acme_notes', columns: [{ name: 'time', type: 'text', path: 'time' }] } }),
    'sources.acme.events.0.view.columns.0.name: "time" of acme.note is taken, or no name of lower case letters, digits and _',
  ],
  [
    'a path with quotes',
    of({ view: { name: 'acme_notes', columns: [{ name: 'a', type: 'text', path: "a'" }] } }),
    `sources.acme.events.0.view.columns.0.path: is "a'" in acme.note, expected fields joined by dots`,
  ],
  [
    'an unknown column type',
    of({ view: { name: 'acme_notes', columns: [{ name: 'a', type: 'xml' as never, path: 'a' }] } }),
    'sources.acme.events.0.view.columns.0.type: is "xml" in acme.note, expected one of text, boolean, bigint, double precision, timestamptz, jsonb',
  ],
])('%s is refused by its place', (_, make, message) => {
  expect(make).toThrow(message);
});
