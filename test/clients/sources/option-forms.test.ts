// Options as people read them, from the schemas of the sources there are and from forms a stranger's schema may have.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { optionForms } from '../../../src/clients/sources/option-forms.js';
import { builtInSources } from '../../../src/sources/index.js';

test.each(builtInSources.map((source) => [source.type, source] as const))(
  'every option of %s has a type and says what it does',
  (_, source) => {
    const forms = optionForms(source);
    expect(forms.length).toBeGreaterThan(0);
    expect(forms.filter(({ type, summary }) => type === '' || summary === '')).toEqual([]);
  },
);

test('types, bounds and defaults in words', () => {
  const options = z.strictObject({
    name: z.string().min(2).max(9).describe('its name'),
    count: z.int().min(1).default(5),
    share: z.number().max(1).optional(),
    kind: z.enum(['a', 'b']).default('a'),
    paths: z.array(z.string()).max(3).default([]),
    either: z.union([z.string(), z.boolean()]).optional(),
    exactly: z.literal(2).optional(),
    any: z.unknown().optional(),
  });
  const told = optionForms({ options }).map(({ name, type, required, bounds, default: value }) => [
    name,
    type,
    required,
    bounds,
    value,
  ]);
  expect(told).toEqual([
    ['name', 'text', true, '2 to 9 characters', undefined],
    ['count', 'whole number', false, 'at least 1', 5],
    ['share', 'number', false, 'at most 1', undefined],
    ['kind', 'a | b', false, '', 'a'],
    ['paths', 'list of text', false, 'at most 3 entries', []],
    ['either', 'text or true or false', false, '', undefined],
    ['exactly', '2', false, '', undefined],
    ['any', 'JSON', false, '', undefined],
  ]);
});

test('a schema that is none of an object, or cannot be read, has none', () => {
  expect(optionForms({ options: z.string() as never })).toEqual([]);
  expect(optionForms({ options: { safeParse() {}, parse() {} } as never })).toEqual([]);
});
