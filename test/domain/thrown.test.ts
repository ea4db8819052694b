// Whatever was thrown becomes text: bounded, storable, and never another failure.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { thrownText } from '../../src/domain/thrown.js';

function throwing(name: string): object {
  return Object.defineProperty({}, name, {
    get() {
      throw new Error('not to be read');
    },
  });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

test.each([
  ['an error', new RangeError('too far'), 'too far'],
  ['something like an error', { message: 'from elsewhere' }, 'from elsewhere'],
  ['a text', 'plain', 'plain'],
  ['a symbol', Symbol('sign'), 'Symbol(sign)'],
  ['nothing', undefined, 'undefined'],
  ['null', null, 'null'],
  ['a number', 7, '7'],
  ['an object without a prototype', Object.create(null), 'something was thrown that cannot be shown (object)'],
  ['a message that throws', throwing('message'), 'something was thrown that cannot be shown (object)'],
  ['a toString that throws', throwing('toString'), 'something was thrown that cannot be shown (object)'],
  ['a toString that is no function', { toString: 1, valueOf: 1 }, 'something was thrown that cannot be shown (object)'],
  [
    'a message without a prototype',
    { message: Object.create(null) },
    'something was thrown that cannot be shown (object)',
  ],
  ['a revoked proxy', revoked(), 'something was thrown that cannot be shown (object)'],
])('%s', (_what, thrown, text) => {
  expect(thrownText(thrown)).toBe(text);
});

test('anything gives text that is bounded and that Postgres holds', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }),
        fc.string({ unit: 'binary' }),
      ),
      (thrown) => {
        const text = thrownText(thrown, 50);
        expect(text.length).toBeLessThanOrEqual(60);
        expect(text.isWellFormed() && !text.includes('\0')).toBe(true);
      },
    ),
  );
  expect(thrownText('x'.repeat(10_000_000))).toHaveLength(2_000);
});
