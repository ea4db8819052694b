// The workflow's argument: wrong ones are refused with one line that names the field, and never with the value.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidInput } from '../../src/domain/errors.js';
import { parseSyncInput } from '../../src/domain/sync-input.js';
import { limits } from '../../src/limits.js';

test('the forms people write are taken', () => {
  expect(
    parseSyncInput({ source: { type: 'git', id: 'acme/api', options: { url: 'https://x.org/r' } } }),
  ).toMatchObject({ source: { id: 'acme/api' } });
  expect(parseSyncInput({ source: { type: 'git' } })).toEqual({ source: { type: 'git', options: {} } });
  expect(parseSyncInput({ sourceId: 'acme/api', mode: 'once', batch: { events: 10, inFlight: 1 } })).toMatchObject({
    sourceId: 'acme/api',
  });
  expect(parseSyncInput({ sourceId: 'a', stages: ['validate', 'hash', 'deduplicate', 'persist'] })).toMatchObject({
    stages: expect.anything(),
  });
});

test.each<[unknown, string]>([
  [undefined, 'input'],
  [null, 'input'],
  ['acme/api', 'input'],
  [[{ sourceId: 'a' }], 'input'],
  [{}, 'source'],
  [{ sourceId: '../etc' }, 'sourceId'],
  [{ sourceId: 7 }, 'sourceId'],
  [{ sourceId: 'a', surprise: 1 }, 'surprise'],
  [{ source: { type: '' } }, 'source.type'],
  [{ source: { type: 'git', id: 'A' } }, 'source.id'],
  [{ source: { type: 'git', colour: 1 } }, 'source.colour'],
  [{ source: { type: 'git', options: 'x' } }, 'source.options'],
  [{ sourceId: 'a', batch: { events: 0 } }, 'batch.events'],
  [{ sourceId: 'a', batch: { events: 1.5 } }, 'batch.events'],
  [{ sourceId: 'a', batch: { events: 20_001 } }, 'batch.events'],
  [{ sourceId: 'a', batch: { inFlight: 99 } }, 'batch.inFlight'],
  [{ sourceId: 'a', batch: { size: 3 } }, 'batch.size'],
  [{ sourceId: 'a', stages: ['persist'] }, 'stages'],
  [{ sourceId: 'a', stages: ['hash', 'validate', 'deduplicate', 'persist'] }, 'stages'],
  [{ sourceId: 'a', stages: ['validate', 'validate', 'hash', 'deduplicate', 'persist'] }, 'stages'],
  [{ sourceId: 'a', stages: ['unheard-of', 'validate', 'hash', 'deduplicate', 'persist'] }, 'stages.0'],
  [{ sourceId: 'a', stages: ['validate', 'hash', 'unheard-of', 'deduplicate', 'persist'] }, 'stages.2'],
  [{ sourceId: 'a', mode: 'sometimes' }, 'mode'],
  [{ source: { type: 'git', options: { big: 'x'.repeat(20_000) } } }, 'input'],
])('%j is refused at %s (A5.6)', (input, field) => {
  const refused = () => parseSyncInput(input);
  expect(refused).toThrow(InvalidInput);
  expect(refused).toThrow(
    expect.objectContaining({
      field,
      message: expect.stringMatching(new RegExp(`^${field.replaceAll('.', '\\.')}: .+`)),
    }),
  );
});

test(`an argument of ${limits.inputBytesMax} bytes is taken, one byte more is not`, () => {
  const argument = (bytes: number) => ({ source: { type: 'git', options: { big: 'x'.repeat(bytes) } } });
  const rest = limits.inputBytesMax - JSON.stringify(argument(0)).length;
  expect(() => parseSyncInput(argument(rest))).not.toThrow();
  expect(() => parseSyncInput(argument(rest + 1))).toThrow(`has ${limits.inputBytesMax + 1} bytes`);
});

test('a refusal is one line and does not repeat the value', () => {
  const secret = 'hunter2-hunter2';
  for (const input of [
    { sourceId: secret.toUpperCase() },
    { source: { type: 'git', id: `${secret} !` } },
    { sourceId: 'a', mode: secret },
  ]) {
    expect(() => parseSyncInput(input)).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/\n|hunter2/i) }),
    );
  }
});

test('anything at all is taken or refused, never another error', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: false }), (input) => {
      try {
        parseSyncInput(input);
      } catch (error) {
        return error instanceof InvalidInput;
      }
      return true;
    }),
    { numRuns: 1_000 },
  );
});
