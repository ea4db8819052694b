// CSV as RFC 4180 has it, and as programs write it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRecordRejected } from '../../../src/domain/source.js';
import { readRow, rowRecord, staysOpen } from '../../../src/sources/jsonl/csv-record.js';
import { options } from '../../../src/sources/jsonl/options.js';
import { RowJoiner } from '../../../src/sources/jsonl/row-joiner.js';
import { toEvents } from '../../../src/sources/jsonl/to-events.js';

function read(header: string, row: string, delimiter = ',') {
  return readRow(rowRecord(Buffer.from(header), Buffer.from(row)), delimiter);
}

test('a row is its fields by the names of the header, all of them text', () => {
  expect(read('id,name,note', '7,"Ada, ""the"" first",')).toEqual({
    value: { id: '7', name: 'Ada, "the" first', note: '' },
    flags: [],
  });
  expect(read('a\tb', '1\t2,3', '\t')?.value).toEqual({ a: '1', b: '2,3' });
  expect(read('a,b\r', '1,"x\r\ny"\r')).toEqual({ value: { a: '1', b: 'x\r\ny' }, flags: [] });
});

test('names are made one of each, and a mark of byte order is none of them', () => {
  expect(read('\ufeffa,a,,a_2', '1,2,3,4')?.value).toEqual({ a: '1', a_2: '2', column_3: '3', a_2_2: '4' });
  expect(Object.keys(read('__proto__,b', '1,2')!.value)).toEqual(['__proto__', 'b']);
});

test('a row that does not fit the header is kept, with what it has, and flagged', () => {
  expect(read('a,b', '1')).toEqual({ value: { a: '1' }, flags: ['short_row'] });
  expect(read('a,b', '1,2,3')).toEqual({ value: { a: '1', b: '2', column_3: '3' }, flags: ['long_row'] });
  expect(read('a,column_2', '1,2,3')?.value).toEqual({ a: '1', column_2: '2', column_3: '3' });
});

test('quotes where none should be are signs like any other, and flagged', () => {
  expect(read('a,b', '5" pipe,x')).toEqual({ value: { a: '5" pipe', b: 'x' }, flags: ['bad_quotes'] });
  expect(read('a,b', '"x"y,z')).toEqual({ value: { a: 'xy', b: 'z' }, flags: ['bad_quotes'] });
  expect(read('a,b', '"x,z')).toEqual({ value: { a: '"x', b: 'z' }, flags: ['bad_quotes'] });
});

test('an empty row is none, and a record without a header is refused', () => {
  expect(read('a,b', '')).toBeNull();
  expect(read('a,b', '\r')).toBeNull();
  expect(() => readRow(Buffer.from('a,b'), ',')).toThrow(expect.toSatisfy(isRecordRejected));
});

test('a row of very many fields takes no longer than its bytes', () => {
  expect(Object.keys(read('a', ','.repeat(50_000))!.value)).toHaveLength(50_001);
});

/** As RFC 4180 writes a field. */
function written(field: string, delimiter: string, always: boolean): string {
  const quoted = always || /["\r\n]/.test(field) || field.includes(delimiter);
  return quoted ? `"${field.replaceAll('"', '""')}"` : field;
}

const field = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', ' ', 'ä', '\u0000'), maxLength: 6 });
const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });

test('what is written by the rules is read back, wherever its lines are cut', () => {
  fc.assert(
    fc.property(rows, fc.constantFrom(',', ';', '\t'), fc.boolean(), (table, delimiter, always) => {
      const text = table.map((row) => row.map((one) => written(one, delimiter, always)).join(delimiter)).join('\n');
      const found: string[] = [];
      let held: string[] = [];
      let open = false;
      for (const line of text.split('\n')) {
        held.push(line);
        open = staysOpen(Buffer.from(line), open, delimiter);
        if (!open) found.push(held.splice(0).join('\n'));
      }
      expect(held).toEqual([]);
      const header = ['w', 'x', 'y', 'z'].join(delimiter);
      const values = found.map((row) => Object.values(read(header, row, delimiter)?.value ?? {}));
      expect(values).toEqual(table);
    }),
    { numRuns: 300 },
  );
});

test('the columns of a row are mapped by pointers as the fields of JSON are', () => {
  const record = rowRecord(Buffer.from('order id,at,status'), Buffer.from('7,2026-01-31T12:00:00Z,failed'));
  const given = { path: '/tmp/orders.csv.gz', id: '/order id', time: '/at', type: 'acme.order', subject: '/status' };
  expect(toEvents(record, options.parse(given))).toMatchObject([
    {
      type: 'acme.order',
      identity: { kind: 'immutable', key: '7' },
      time: '2026-01-31T12:00:00Z',
      subject: 'failed',
      data: { 'order id': '7', status: 'failed' },
    },
  ]);
});

describe('rows out of lines', () => {
  function rowsOf(lines: readonly string[], joiner = new RowJoiner(',')): string[] {
    let end = 0;
    const rows = lines.flatMap((text) => {
      const bytes = Buffer.from(text);
      const offset = end;
      end += bytes.length + 1;
      return joiner.push({ bytes, offset, end, flags: {} });
    });
    return [...rows, ...joiner.end()].map(({ bytes }) => bytes.toString());
  }

  test('quotes join them; what never closes is its first line, and the others are read anew', () => {
    expect(rowsOf(['a,"b', 'c', 'd",e', 'f'])).toEqual(['a,"b\nc\nd",e', 'f']);
    expect(rowsOf(['a,"b', 'c', 'd"",e', 'f'])).toEqual(['a,"b', 'c', 'd"",e', 'f']);
  });

  test('a quote that never closes swallows no more than its bound', () => {
    const line = 'x'.repeat(1_023);
    const lines = ['a,"b', ...Array.from({ length: 300 }, () => line), 'c,d'];
    expect(rowsOf(lines)).toEqual(lines);
  });

  test('reading begun again at the end of any row gives the rows that follow', () => {
    const line = fc.string({ unit: fc.constantFrom('a', '"', ','), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const joiner = new RowJoiner(',');
        const rows = lines.flatMap((text, at) =>
          joiner.push({ bytes: Buffer.from(text), offset: at, end: at + 1, flags: {} }),
        );
        const all = [...rows, ...joiner.end()].map(({ bytes }) => bytes.toString());
        for (const [at, row] of rows.entries())
          expect([...all.slice(0, at + 1), ...rowsOf(lines.slice(row.end))]).toEqual(all);
      }),
      { numRuns: 300 },
    );
  });
});
