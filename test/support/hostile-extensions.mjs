// Extensions that do the worst there is, to the event with index 7 of a source whose name says what: `s.exit-…` in the
// stage, `p.loop-…` in the processor. A mapper does not know the name: the source `hostile` has the option `deed`, `m.exit` in
// its mapper, `c.loop` in its function for fields of code. To all others they do nothing.
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { synthetic } from '../../dist/src/sources/synthetic.js';

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

const throwing = (name) =>
  Object.freeze(
    Object.defineProperty(name === 'message' ? new Error('x') : { kind: 'advance' }, name, {
      get() {
        throw new Error(`${name} is not to be read`);
      },
      enumerable: true,
    }),
  );

const thrown = {
  bare: () => Object.create(null),
  message: () => throwing('message'),
  symbol: () => Symbol('thrown'),
  proxy: revoked,
  text: () => 'x'.repeat(50_000_000),
  nothing: () => undefined,
};

const deeds = {
  ...Object.fromEntries(
    Object.entries(thrown).map(([name, make]) => [
      name,
      () => {
        throw make();
      },
    ]),
  ),
  exit: () => process.exit(3),
  abort: () => process.abort(),
  loop: () => {
    for (;;);
  },
  heap: () => {
    for (const held = []; ;) held.push({ held: new Array(1_000).fill(held.length) });
  },
  answer: () => throwing('kind'),
  answerproxy: revoked,
  stray: () => void Promise.reject(new Error('nobody waits for this')),
  timer: () =>
    void globalThis.setTimeout(() => {
      throw new Error('thrown by a timer');
    }, 0),
  channel: async () => {
    process.disconnect();
    await setTimeout(60_000);
  },
  buffers: async () => {
    for (const held = []; ; await setTimeout(10)) held.push(Buffer.alloc(16 * 1_024 * 1_024, 1));
  },
  never: () => ({ then() {} }),
  send: () => process.send(null),
  list: () => [throwing('type')],
  listproxy: () => [revoked()],
  circle: () => {
    const data = { index: 7 };
    data.data = data;
    return [{ type: 'hostile.done', identity: { kind: 'content' }, data }];
  },
  function: () => [{ type: 'hostile.done', identity: { kind: 'content' }, data: { index: () => 7 } }],
  huge: () => [{ type: 'hostile.done', identity: { kind: 'content' }, data: { text: 'x'.repeat(20_000_000) } }],
  rejected: async () => {
    throw new Error('nobody waits for this');
  },
};

const done = (where, source, data) =>
  data.index === 7 && source.startsWith(where) ? deeds[source.slice(2).split('-')[0]]?.() : undefined;

export default [
  {
    name: 'hostile',
    concurrency: 8,
    process: async ({ source, data }) =>
      (await done('s.', source, data)) ?? { kind: 'advance', context: { seen: true } },
  },
];

export const processors = [
  {
    name: 'hostile',
    canProcess: () => true,
    enrich: (event, { source }) => done('p.', source, event.data) ?? { seen: true },
  },
  {
    name: 'after',
    dependencies: ['hostile', 'metadata'],
    canProcess: () => true,
    enrich: (_event, { results }) => ({ host: typeof results.metadata.host }),
  },
];

const deedOf = (where, { deed, index }) =>
  deed.startsWith(where) && index === 7 ? deeds[deed.slice(where.length)]?.() : undefined;

export const sources = [
  {
    ...synthetic,
    type: 'hostile',
    options: synthetic.options.extend({ deed: z.string().default('') }),
    events: [
      {
        type: 'hostile.done',
        summary: 'something was done',
        stability: 'experimental',
        code: (data) => deedOf('c.', data) ?? { symbol_name: data.actor },
      },
    ],
    toEvents(record, { options, stream }) {
      const [draft] = synthetic.toEvents(record, { options, stream });
      const data = { ...draft.data, deed: options.deed };
      return deedOf('m.', data) ?? [{ ...draft, type: 'hostile.done', data }];
    },
  },
];
