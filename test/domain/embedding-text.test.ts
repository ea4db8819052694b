// What of an event is embedded: by its type, or what people wrote in it; capped, and the same each time (requirement P5).
import { expect, test } from 'vitest';
import { embedFieldsOf } from '../../src/domain/catalogue.js';
import { embeddingText, type EmbedFields } from '../../src/domain/embedding-text.js';
import { limits } from '../../src/limits.js';
import { createRegistry } from '../../src/sources/index.js';

const defaultEmbedFields = embedFieldsOf(createRegistry().catalogue);

function textOf(
  type: string,
  data: object,
  fields: EmbedFields = defaultEmbedFields,
  subject: string | null = null,
): string | null {
  return embeddingText({ type, subject, dataText: JSON.stringify(data) }, fields);
}

test.each<[string, object, string | null]>([
  ['git.commit', { sha: 'abc', subject: 'Fix', message: 'Fix\n\nthe door' }, 'Fix\n\nthe door'],
  ['git.file_change', { commit: 'abc', path: 'src/a.ts', language: 'TypeScript' }, 'src/a.ts'],
  ['acme.issue', { body: 'It creaks.', id: 'x', title: 'Door', state: 'open' }, 'Door\nIt creaks.'],
  ['acme.order', { id: 'a-1', total: 5, kind: 'paid' }, 'order 7\na-1\npaid'],
  ['acme.empty', { title: ' ', body: '' }, 'order 7'],
  ['acme.again', { told: 'order 7', list: ['x'], inner: { text: 'y' }, kind: 'paid' }, 'order 7\npaid'],
])('%s %j is embedded as %j', (type, data, text) => {
  expect(textOf(type, data, defaultEmbedFields, 'order 7')).toBe(text);
});

test('nothing to say is nothing to embed', () => {
  expect(textOf('acme.order', { total: 5, list: ['x'] })).toBeNull();
  expect(textOf('git.commit', { message: null })).toBeNull();
});

test('fields are chosen by type, `*` for the rest, a dot goes into an object, and no fields is no text', () => {
  const fields = {
    'acme.issue': ['issue.title', 'issue.__proto__', 'issue.labels.0'],
    'acme.secret': [],
    '*': ['note'],
  };
  expect(textOf('acme.issue', { issue: { title: 'Door', labels: ['x'] } }, fields)).toBe('Door');
  expect(textOf('acme.secret', { note: 'x' }, fields)).toBeNull();
  expect(textOf('acme.issue', { issue: null }, fields)).toBeNull();
  expect(textOf('acme.issue', { issue: 'text' }, fields)).toBeNull();
  expect(textOf('acme.issue', { issue: ['title'] }, { '*': ['issue.0', 'issue.length'] })).toBeNull();
  expect(textOf('acme.other', { note: 'x', title: 'y' }, fields)).toBe('x');
  expect(textOf('constructor', { note: 'x' }, fields)).toBe('x');
});

test('a long text is cut, and never through a character', () => {
  const text = textOf('git.commit', { message: `a${'😀'.repeat(limits.embedTextCharsMax)}` })!;
  expect(text).toHaveLength(limits.embedTextCharsMax);
  expect(text.isWellFormed()).toBe(true);
});
