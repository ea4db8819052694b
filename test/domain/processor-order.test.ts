// Processors run after what they need, and otherwise as declared; a circle is named (requirement D2, A4.7).
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inDependencyOrder, switchedOn } from '../../src/domain/processor-order.js';

const named = (name: string, ...dependencies: string[]) => ({ name, dependencies });
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);

test('each comes after those it needs; the others stay as they were declared', () => {
  expect(names(inDependencyOrder([named('a', 'c'), named('b'), named('c'), named('d', 'a')]))).toEqual([
    'b',
    'c',
    'a',
    'd',
  ]);
  expect(names(inDependencyOrder([named('z'), named('y'), { name: 'x' }]))).toEqual(['z', 'y', 'x']);
});

test.each([
  ['a circle of two', [named('a', 'b'), named('b', 'a')], 'a → b → a'],
  ['one that needs itself', [named('a', 'a')], 'a → a'],
  [
    'a circle behind others that are fine',
    [named('ok'), named('far', 'b'), named('b', 'ok', 'c'), named('c', 'd'), named('d', 'b')],
    'b → c → d → b',
  ],
])('%s is refused, and named', (_what, processors, circle) => {
  expect(() => inDependencyOrder(processors)).toThrow(
    expect.objectContaining({
      name: 'InvalidInput',
      message: `processors: depend on each other in a circle: ${circle}`,
    }),
  );
});

test('a missing dependency is refused, by name', () => {
  const refused = expect.objectContaining({
    field: 'processors.1.dependencies',
    message: expect.stringContaining('b needs gone, which is no processor here, expected some of a, b'),
  });
  expect(() => inDependencyOrder([named('a'), named('b', 'gone')])).toThrow(refused);
});

test('any set is ordered or refused: what is ordered has its dependencies before it', () => {
  const graph = fc
    .integer({ min: 1, max: 8 })
    .chain((count) =>
      fc.array(fc.array(fc.integer({ min: 0, max: count - 1 }), { maxLength: 3 }), {
        minLength: count,
        maxLength: count,
      }),
    );
  fc.assert(
    fc.property(graph, (edges) => {
      const processors = edges.map((needs, at) => named(`p${at}`, ...needs.map((one) => `p${one}`)));
      let ordered: string[];
      try {
        ordered = names(inDependencyOrder(processors));
      } catch (error) {
        return (error as Error).message.includes(' → ');
      }
      const early = processors.filter(({ name, dependencies }) =>
        dependencies.some((one) => ordered.indexOf(one) > ordered.indexOf(name)),
      );
      return ordered.length === processors.length && early.length === 0;
    }),
  );
});

test('switched off, a processor takes along those that need it; an unknown name is refused', () => {
  const ordered = [named('a'), named('b', 'a'), named('c', 'b'), named('d')];
  expect(names(switchedOn(ordered, ['a']))).toEqual(['d']);
  expect(names(switchedOn(ordered, ['c', 'd']))).toEqual(['a', 'b']);
  expect(() => switchedOn(ordered, ['e'])).toThrow(
    expect.objectContaining({
      field: 'TRIBUTARY_ENRICH_OFF',
      message: expect.stringContaining('expected some of a, b, c, d'),
    }),
  );
});
