// The topology of docker-compose.yml, run natively: a project of its own, because building Temporal's server takes minutes the
// first time. `npm run test:cluster`.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'cluster',
    pool: 'forks',
    reporters:
      process.env['VITEST_JSON'] === undefined
        ? ['verbose']
        : ['verbose', ['json', { outputFile: process.env['VITEST_JSON'] }]],
    include: ['test/cluster/**/*.test.ts'],
    globalSetup: ['test/cluster/programs.ts'],
    maxWorkers: 1,
    testTimeout: 180_000,
    // npm ci of the worker's image, the schema, and a server that starts on two busy cores.
    hookTimeout: 400_000,
  },
});
