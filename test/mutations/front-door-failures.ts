// Those of the table of failures that are the front door's: sessions that are lost, sources that are paused, requests made to harm,
// deliveries that nobody signed in time.
import type { WrongChange } from './mutated-tree.js';

export const frontDoorFailures: readonly WrongChange[] = [
  {
    what: "the front door's sessions are ended: it is told as a fault of ours",
    file: 'src/server/failures.ts',
    find: 'isOfDriver(error) ? lost() : undefined',
    replace: 'undefined',
    test: 'test/server/lost-session.test.ts',
    named: 'given again it is stored once',
  },
  {
    what: 'a source is paused: who gives events is told that they are wrong',
    file: 'src/server/failures.ts',
    find: 'return notNow(error.code, error.message, serverLimits.retryAttentionSeconds);',
    replace: 'return badRequest(error.code, error.message);',
    test: 'test/server/events.test.ts',
    named: 'a paused source',
  },
  {
    what: 'a request is made to harm: it may be as deep as it likes',
    file: 'src/server/json-pieces.ts',
    find: 'if (depth > serverLimits.bodyDepthMax) throw tooDeep();',
    replace: '',
    test: 'test/server/events.test.ts',
    named: 'is a fault of the client',
  },
  {
    what: 'a delivery is late: its time is not looked at',
    file: 'src/sources/webhook/signature.ts',
    find: 'Math.abs(offMs) <= webhookLimits.toleranceMs',
    replace: 'offMs <= webhookLimits.toleranceMs',
    test: 'test/sources/webhook/webhook.test.ts',
    named: 'plain HMAC',
  },
];
