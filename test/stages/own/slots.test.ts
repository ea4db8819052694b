// Slots: no more at once than there are, in the order of asking, and one that fails gives its slot back.
import { expect, test } from 'vitest';
import { createSlots } from '../../../src/stages/own/slots.js';
import { createGate } from '../../support/gate.js';

test('of five with two slots two are at work; the next begins when one ends', async () => {
  const slots = createSlots(2);
  const gates = Array.from({ length: 5 }, createGate);
  const begun: number[] = [];
  const ends = gates.map((gate, at) =>
    slots.run(async () => {
      begun.push(at);
      await gate.pass();
      return at;
    }),
  );
  await Promise.all([gates[0]!.reached, gates[1]!.reached]);
  expect(begun).toEqual([0, 1]);
  gates[1]!.open();
  await gates[2]!.reached;
  expect(begun).toEqual([0, 1, 2]);
  for (const gate of gates) gate.open();
  expect(await Promise.all(ends)).toEqual([0, 1, 2, 3, 4]);
});

test('one that fails gives its slot back', async () => {
  const slots = createSlots(1);
  await expect(slots.run(() => Promise.reject(new Error('made to fail')))).rejects.toThrow('made to fail');
  expect(await slots.run(async () => 'served')).toBe('served');
  expect(await slots.run(async () => 'again')).toBe('again');
});
