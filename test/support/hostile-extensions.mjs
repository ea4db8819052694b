// Extensions that do the worst there is, to the event with index 7 of a source whose name says what: `s.exit-…` in the
// stage, `p.loop-…` in the processor. To all others they do nothing.
import { setTimeout } from 'node:timers/promises';

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
