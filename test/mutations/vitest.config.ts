// The tests that Stryker asks about its changes: those of domain and stages that need no server, since each is run for
// each change it can notice. The lists beside this file have the others.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Properties tried a thousand times, on cores that are busy with other changes.
    testTimeout: 60_000,
    include: ['test/domain/**/*.test.ts', 'test/stages/**/*.test.ts'],
    exclude: ['test/stages/{deduplicate,embed,event-stage,fill-embeddings,patient-embedder}.test.ts'],
  },
});
