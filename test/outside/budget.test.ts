// What one credential may ask: so many at once, no more than are left, nothing before a reset, and everybody in turn.
import { expect, test } from 'vitest';
import { WaitUntil } from '../../src/domain/errors.js';
import { createBudget, type Turn } from '../../src/outside/budget.js';

const never = () => new AbortController().signal;

/** A clock that stands until it is moved. */
function clock() {
  const time = { now: 1_000_000 };
  return { time, now: () => time.now };
}

test('so many at once; who waits is served as soon as one is done', async () => {
  const budget = createBudget(2);
  const [first] = [await budget.enter('a', never()), await budget.enter('a', never())];
  let served = false;
  const third = budget.enter('a', never()).then((turn) => {
    served = true;
    return turn;
  });
  await Promise.resolve();
  expect(served).toBe(false);
  first.done();
  (await third).done();
});

test('a caller with a thousand calls does not hold up one with a single call', async () => {
  const budget = createBudget(1);
  const order: string[] = [];
  const enter = async (caller: string) => {
    const turn = await budget.enter(caller, never());
    order.push(caller);
    turn.done();
  };
  const running = await budget.enter('busy', never());
  const all = [...Array.from({ length: 1_000 }, () => enter('busy')), enter('quiet'), enter('other')];
  running.done();
  await Promise.all(all);
  expect(order.slice(0, 3)).toEqual(['busy', 'quiet', 'other']);
  expect(order).toHaveLength(1_002);
});

test('nobody asks more than are left, also those under way together; after the reset all may again', async () => {
  const { time, now } = clock();
  const budget = createBudget(10, now);
  const first = await budget.enter('a', never());
  const other = await budget.enter('a', never());
  // One of the three is under way.
  first.done({ remaining: 3, resetAt: now() + 60_000 });
  await budget.enter('a', never());
  await budget.enter('b', never());
  await expect(budget.enter('a', never())).rejects.toMatchObject({
    code: 'budget_spent',
    until: new Date(now() + 60_000),
  });
  await expect(budget.enter('a', never())).rejects.toBeInstanceOf(WaitUntil);
  // An answer that was overtaken does not give back what is spent.
  other.done({ remaining: 9, resetAt: now() + 60_000 });
  await expect(budget.enter('a', never())).rejects.toBeInstanceOf(WaitUntil);
  time.now += 60_001;
  (await budget.enter('a', never())).done({ remaining: 5_000, resetAt: now() + 60_000 });
  await budget.enter('b', never());
});

test('a rate limit stops all at once, also those who wait for their turn', async () => {
  const { time, now } = clock();
  const budget = createBudget(1, now);
  const running = await budget.enter('a', never());
  const waiting = ['a', 'b', 'c'].map((caller) => budget.enter(caller, never()).catch((error: unknown) => error));
  running.done(undefined, now() + 30_000);
  for (const one of await Promise.all(waiting))
    expect(one).toMatchObject({ code: 'budget_spent', until: new Date(now() + 30_000) });
  time.now += 30_001;
  (await budget.enter('a', never())).done();
});

test('who gives up waiting leaves its place to others, and takes no turn', async () => {
  const budget = createBudget(1);
  const running = await budget.enter('a', never());
  const stop = new AbortController();
  const given = budget.enter('b', stop.signal);
  const next = budget.enter('c', never());
  stop.abort(new Error('stopped'));
  await expect(given).rejects.toThrow('stopped');
  await expect(budget.enter('b', stop.signal)).rejects.toThrow('stopped');
  running.done();
  (await next).done();
});

test('a turn that is done twice is done once', async () => {
  const budget = createBudget(1);
  const turn = await budget.enter('a', never());
  turn.done();
  turn.done();
  await budget.enter('a', never());
  const second: { turn?: Turn } = {};
  void budget.enter('a', never()).then((given) => (second.turn = given));
  await new Promise((resolve) => setImmediate(resolve));
  expect(second.turn).toBeUndefined();
});
