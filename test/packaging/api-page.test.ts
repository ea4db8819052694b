// The pages of docs/api, from declarations as api-extractor writes them.
import { expect, test } from 'vitest';
import { apiPage, exportsOf, missingDocs } from '../../packaging/api-page.js';

const declarations = `import { z } from 'zod';

/**
 * Adds up.
 *
 * Throws nothing.
 *
 * @example
 * \`\`\`ts
 * sum(1, 2); // 3
 * \`\`\`
 */
export declare function sum(one: number, other: number): number;

/** Not for people. */
declare const hidden: unique symbol;

/** A thing. */
export declare interface Thing {
    /** In metres. */
    readonly height: number;

    readonly width: number;
}

export declare type Bare = string;

export { z }

export { }
`;

test('a name has its docstring, its example and its declaration as it is', () => {
  const [sum, thing] = exportsOf(declarations);
  expect(sum).toEqual({
    name: 'sum',
    kind: 'function',
    text: 'Adds up.\n\nThrows nothing.',
    example: '```ts\nsum(1, 2); // 3\n```',
    declaration: 'export function sum(one: number, other: number): number;',
  });
  expect(thing!.declaration).toMatch(/^export interface Thing \{[\s\S]*In metres[\s\S]*width: number;\n\}$/);
});

test('what is not exported is in no page; all else is listed by its kind', () => {
  const page = apiPage('things', 'About things.', exportsOf(declarations));
  expect(page).toContain('- Functions: [sum](#sum)\n- Classes and values: \n- Types: [Thing](#thing), [Bare](#bare)');
  expect(page).not.toContain('hidden');
});

test('a name without a docstring and a function without an example are told', () => {
  const bare = exportsOf(`export declare function f(): void;\n\n/** A g. */\nexport declare class G {\n}`);
  expect(missingDocs([...exportsOf(declarations), ...bare])).toEqual([
    'Bare has no docstring',
    'f has no docstring',
    'f has no example',
  ]);
});
