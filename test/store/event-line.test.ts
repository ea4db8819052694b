// The line a digest is taken over is for ever what it was: pages from before a new column must still be proved.
import { expect, test } from 'vitest';
import { digestedLine, eventLine, outputLine, versionColumns } from '../../src/store/event-line.js';
import { anEvent, stored } from '../support/builders.js';

const plain = stored(anEvent('a', 7, { text: 'a\tb\\c' }, { subject: 's', time: '2026-01-01T00:00:00Z' }));
const version = stored(anEvent('a', 7, {}, { identity: { kind: 'versioned', key: 'k\t1', version: '2' } }));

test('of an event without a version it is what it was before there were versions: eleven fields', () => {
  const line = digestedLine(plain, eventLine(plain), false);
  expect(line).toBe(
    `test.happened\tevent-7\ts\t2026-01-01T00:00:00Z\t2\t\\\\x${plain.event.contentHash}\t7\t\\N\t\\N\t{"text":"a\\\\tb\\\\\\\\c"}\t\\N`,
  );
  expect(outputLine([...line.split('\t'), '\\N', '\\N', '\\N'])).toBe(line);
});

test('of a version it has fourteen, whichever of them somebody emptied', () => {
  const line = digestedLine(version, eventLine(version), false);
  expect(line).toBe(`${eventLine(version)}${versionColumns(version)}`);
  expect(line.split('\t').slice(11)).toEqual(['k\\t1', '2', '2']);
  const fields = line.split('\t');
  expect(outputLine(fields)).toBe(line);
  for (const at of [11, 12, 13]) expect(outputLine(fields.with(at, '\\N')).split('\t')).toHaveLength(14);
});
