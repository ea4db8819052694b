// Takes the pictures of docs/pictures: `npm run pictures`, with a chromium on this machine. Apart from the tests, which need
// no browser.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/pictures/*.pictures.ts'],
    testTimeout: 180_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
