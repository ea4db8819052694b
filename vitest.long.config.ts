// What takes minutes: tests named *.long.test.ts, on the servers that `npm test` starts too. `npm run test:long`.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'long',
    pool: 'forks',
    reporters:
      process.env['VITEST_JSON'] === undefined
        ? ['verbose']
        : ['verbose', ['json', { outputFile: process.env['VITEST_JSON'] }]],
    include: ['test/**/*.long.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Each file here uses both cores by itself.
    fileParallelism: false,
    maxConcurrency: 2,
    testTimeout: 300_000,
    hookTimeout: 60_000,
  },
});
