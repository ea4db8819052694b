// What takes minutes: tests named *.long.test.ts, and the cases of long matrices that `npm test` leaves to this, on the servers
// that `npm test` starts too. `npm run test:long`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const matrices = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => join('test', name))
  .filter((path) => /from '[./]+\/support\/share\.js'/.test(readFileSync(path, 'utf8')));

export default defineConfig({
  test: {
    pool: 'forks',
    reporters:
      process.env['VITEST_JSON'] === undefined
        ? ['verbose']
        : ['verbose', ['json', { outputFile: process.env['VITEST_JSON'] }]],
    unstubEnvs: true,
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 900_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'matrices',
          include: matrices,
          provide: { suite: 'long' },
          // As in vitest.config.ts: these wait more than they work.
          maxWorkers: 2,
          maxConcurrency: 8,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: ['test/**/*.long.test.ts'],
          // Each file here uses both cores by itself.
          fileParallelism: false,
          maxConcurrency: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
