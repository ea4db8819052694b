// A list is read element by element, whatever pieces its bytes come in, and from wherever it was left.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrayElements, BrokenPart, type Element } from '../../../src/sources/slack-export/array-elements.js';

async function* piecesOf(bytes: Buffer, size: number): AsyncGenerator<Buffer, void, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface Read {
  readonly elements: Element[];
  readonly broken: string | null;
}

async function read(text: string | Buffer, { size = 7, from = 0, max = 1_000_000 } = {}): Promise<Read> {
  const elements: Element[] = [];
  try {
    for await (const element of arrayElements(piecesOf(Buffer.from(text), size), {
      from,
      elementBytesMax: max,
      headBytes: 4,
    }))
      elements.push(element);
    return { elements, broken: null };
  } catch (error) {
    if (!(error instanceof BrokenPart)) throw error;
    return { elements, broken: error.code };
  }
}

function texts({ elements }: Read): string[] {
  return elements.map(({ bytes }) => bytes.toString().trimEnd());
}

const lists = fc.array(fc.jsonValue({ depthSize: 'small' }), { maxLength: 8 });
const spaces = fc.constantFrom(0, 1, 4);

test('any list, in any pieces, gives what JSON.parse gives; and the rest of it from behind any element', async () => {
  await fc.assert(
    fc.asyncProperty(lists, spaces, fc.integer({ min: 1, max: 20 }), async (list, indent, size) => {
      const text = JSON.stringify(list, null, indent);
      const all = await read(text, { size });
      expect(all.broken).toBeNull();
      expect(texts(all).map((one) => JSON.parse(one) as unknown)).toEqual(JSON.parse(text));
      for (const [at, { end }] of all.elements.entries())
        expect(texts(await read(text, { size, from: end }))).toEqual(texts(all).slice(at + 1));
    }),
    { numRuns: 60 },
  );
});

test('a list cut off anywhere gives the elements before, and is told', async () => {
  const text = JSON.stringify([{ a: '"]},{' }, ['\\'], 'x', 4], null, 2);
  for (let length = 0; length < text.length; length++) {
    const { elements, broken } = await read(text.slice(0, length));
    expect([broken, elements.length <= 4]).toEqual(['file_truncated', true]);
  }
});

test.each([
  ['{"messages": []}', 'file_no_list'],
  ['[1] [2]', 'file_no_list'],
  ['[1,,2]', 'file_no_list'],
  ['[{"a":1}}]', 'file_no_list'],
  ['', 'file_truncated'],
  ['null', 'file_no_list'],
  ['\0\0\0', 'file_no_list'],
])('%s is no list', async (text, code) => {
  expect((await read(text)).broken).toBe(code);
});

test('a byte order mark is passed over', async () => {
  expect(texts(await read('\ufeff[1]'))).toEqual(['1']);
});

test('of an element that is too long only its head is kept, and its neighbours are read', async () => {
  const { elements, broken } = await read(`[1,${' '.repeat(200)}"${'x'.repeat(5_000)}",2]`, { max: 100 });
  expect(broken).toBeNull();
  expect(elements.map(({ bytes, size }) => [bytes.toString(), size])).toEqual([
    ['1', 1],
    ['"xxx', 5_002],
    ['2', 1],
  ]);
});

test('any bytes at all end in elements or in a told break, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.boolean(), async (bytes, isList) => {
      await read(Buffer.concat([Buffer.from(isList ? '[' : ''), bytes]));
    }),
    { numRuns: 300 },
  );
});
