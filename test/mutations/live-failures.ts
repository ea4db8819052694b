// Wrong changes that break what ARCHITECTURE's table of failures promises of the live stream, and the test that notices each.
import type { WrongChange } from './mutated-tree.js';

export const liveFailures: readonly WrongChange[] = [
  {
    what: 'a client of the stream reads nothing: it is written on and on',
    file: 'src/live/stream-client.ts',
    find: 'if (!response.writableNeedDrain) return true;',
    replace: 'if (stallMs > 0) return true;',
    test: 'test/live/paused-clients.test.ts',
    named: 'hold a bounded amount',
  },
  {
    what: 'the session that listens is lost: nobody listens any more',
    file: 'src/live/head.ts',
    find: 'this.#listener = undefined;\n      heard();',
    replace: 'heard();',
    test: 'test/live/feed.test.ts',
    named: 'lost with its session',
  },
];
