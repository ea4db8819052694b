// The ways in which a repository can be read that differ in what of it is looked at.
import type { Reading } from './reading.js';

type Given = Omit<ConstructorParameters<typeof Reading>[0], 'url'>;

export const everything = {
  diff: 'patch',
  symbols: true,
  copies: true,
  include: ['**'],
  exclude: ['no/such/path'],
  since: '0001-01-01',
} satisfies Given;

export const ways: [string, Given][] = [
  ['by default', {}],
  ['with patches and all other options', everything],
  ['with symbols only', { symbols: true }],
];
