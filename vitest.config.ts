// Two projects: `tidy` reads the sources and needs nothing; `all` runs against a real Postgres and a real Temporal, which
// test/support/global-setup.ts starts unless DATABASE_URL and TEMPORAL_ADDRESS name others.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    // CI counts what passed and failed.
    reporters:
      process.env['VITEST_JSON'] === undefined
        ? ['default']
        : ['default', ['json', { outputFile: process.env['VITEST_JSON'] }]],
    // Each file brings a worker, and all share two servers: more files at once than cores only makes timeouts less telling.
    maxWorkers: 2,
    unstubEnvs: true,
    // Tests that wait for a killed worker's heartbeat to run out cost time, not CPU.
    maxConcurrency: 8,
    projects: [
      { extends: true, test: { name: 'tidy', include: ['test/tidy.test.ts', 'test/mutations/anchors.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/**/*.test.ts'],
          // test/cluster has servers of its own: `npm run test:cluster`. What takes minutes: `npm run test:long`.
          exclude: ['test/tidy.test.ts', 'test/mutations/anchors.test.ts', 'test/cluster/**', 'test/**/*.long.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          // A killed worker is noticed after 5 s and its workflow task after 2 to 10 s, and a test may kill twice. On a busy
          // machine all of it takes three times as long; a test that hangs is told by the condition it waits for.
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
