// A variable that looks like ours and is not is told, with the name that was meant where one is near.
import { expect, test } from 'vitest';
import { unknownText, unknownVariables } from '../src/unknown-variables.js';

test('a misspelt name is told with the nearest one, and one that is near none without', () => {
  const env = { TRIBUTARY_MEMROY: '1GiB', TRIBUTRAY_HOME: 'x', TRIBUTARY_COLOUR_OF_THE_SKY: 'blue', PATH: '/bin' };
  expect(unknownVariables(env)).toEqual([
    { name: 'TRIBUTARY_COLOUR_OF_THE_SKY', meant: null },
    { name: 'TRIBUTARY_MEMROY', meant: 'TRIBUTARY_MEMORY' },
    { name: 'TRIBUTRAY_HOME', meant: 'TRIBUTARY_HOME' },
  ]);
  expect(unknownVariables(env).map(unknownText)).toContain(
    'TRIBUTARY_MEMROY is set and means nothing here; did you mean TRIBUTARY_MEMORY?',
  );
});

test('a secret of any name, and every variable there is, are known', () => {
  expect(unknownVariables({ TRIBUTARY_SECRET_A: '1', TRIBUTARY_SECRETS_DIR: 'x', TRIBUTARY_HOME: 'y' })).toEqual([]);
});
