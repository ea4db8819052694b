// Everything is killed at random while several sources are read; nothing is lost, doubled, invented or altered. The seed is
// printed: the same seed chooses the same victims at the same distances. TORTURE_SECONDS and TORTURE_SEED set it.
import { expect, test } from 'vitest';
import { torture } from '../../bench/torture.js';
import { tries } from '../support/share.js';

const seconds = Number(process.env['TORTURE_SECONDS'] ?? tries(10, 40));
const seed = Number(process.env['TORTURE_SEED'] ?? Date.now() % 1_000_000_007);

test(
  `${seconds} s of kill -9 over worker, Temporal and Postgres with seed ${seed} lose, double and invent nothing`,
  async () => {
    const figures = await torture({ seconds, seed, say: (line) => void process.stderr.write(`${line}\n`) });
    process.stderr.write(`${JSON.stringify(figures)}\n`);
    expect(figures).toMatchObject({ lost: 0, doubled: 0, invented: 0, altered: 0, astray: 0, problems: [] });
    expect(figures.inputs).toBeGreaterThan(5_000);
    expect(Object.values(figures.kills).reduce((sum, kills) => sum + kills, 0)).toBeGreaterThanOrEqual(seconds / 5);
  },
  (seconds + 300) * 1_000,
);
