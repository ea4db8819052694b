// Room is counted, never exceeded but by one who is alone, and given in the order of asking.
import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createRoom, type Lease, type Room } from '../../src/activities/room.js';

const never = new AbortController().signal;

async function taken(room: Room, bytes: number, urgency: 'under way' | 'new' = 'new'): Promise<Lease> {
  return (await room.take(bytes, urgency, never))!;
}

/** What has happened by now, in order. */
function noting() {
  const happened: string[] = [];
  const note = (name: string, lease: Promise<Lease | undefined>) =>
    lease.then((given) => (happened.push(name), given!));
  return { happened, note };
}

test('there is room until all is taken; the next one waits until some is released', async () => {
  const room = createRoom(100);
  const first = await taken(room, 60);
  const { happened, note } = noting();
  const second = note('second', room.take(60, 'new', never));
  expect([happened, room.waiting, room.bytesTaken]).toEqual([[], 1, 60]);
  first.release();
  (await second).release();
  expect([room.waiting, room.bytesTaken]).toEqual([0, 0]);
});

test('a large one is not passed by small ones that came later', async () => {
  const room = createRoom(100);
  const first = await taken(room, 50);
  const { happened, note } = noting();
  const [large, small] = [note('large', room.take(90, 'new', never)), note('small', room.take(10, 'new', never))];
  expect(happened).toEqual([]);
  first.release();
  await Promise.all([large, small]);
  expect(happened).toEqual(['large', 'small']);
});

test('pages under way go before new ones, whoever asked first', async () => {
  const room = createRoom(100);
  const first = await taken(room, 100);
  const { happened, note } = noting();
  const [fresh, old] = [
    note('new', room.take(100, 'new', never)),
    note('under way', room.take(100, 'under way', never)),
  ];
  first.release();
  (await old).release();
  await fresh;
  expect(happened).toEqual(['under way', 'new']);
});

test('more than there is means all of it, alone', async () => {
  const room = createRoom(100);
  const small = await taken(room, 1);
  const huge = room.take(10_000, 'new', never);
  expect(room.waiting).toBe(1);
  small.release();
  expect((await huge)!.bytes).toBe(100);
});

test('one who stops waiting leaves no trace, and the next is served', async () => {
  const room = createRoom(100);
  const first = await taken(room, 60);
  const cancel = new AbortController();
  const given = room.take(90, 'new', cancel.signal);
  const behind = room.take(40, 'new', never);
  cancel.abort(new Error('stopped'));
  await expect(given).rejects.toThrow('stopped');
  expect((await behind)!.bytes).toBe(40);
  first.release();
  expect([room.waiting, room.bytesTaken]).toEqual([0, 40]);
});

test('one whose time is over gets nothing and holds nothing', async () => {
  vi.useFakeTimers();
  try {
    const room = createRoom(100);
    await taken(room, 60);
    const given = room.take(90, 'new', never, 5_000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect([await given, room.waiting, room.bytesTaken]).toEqual([undefined, 0, 60]);
  } finally {
    vi.useRealTimers();
  }
});

test('growing never goes before one who waits', async () => {
  const room = createRoom(100);
  const first = await taken(room, 20);
  expect(first.grow(30)).toBe(true);
  const waiting = room.take(60, 'new', never);
  expect([first.grow(1), first.bytes]).toEqual([false, 50]);
  first.resize(10);
  expect((await waiting)!.bytes).toBe(60);
});

test('what rests is reclaimed for one who waits, also when it begins to rest later', async () => {
  vi.useFakeTimers();
  try {
    const room = createRoom(100);
    const resting = await taken(room, 100);
    let rests = false;
    room.onShortage(() => {
      if (rests) resting.release();
    });
    const { happened, note } = noting();
    const waiting = note('served', room.take(50, 'new', never));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(happened).toEqual([]);
    rests = true;
    await vi.advanceTimersByTimeAsync(3_000);
    await waiting;
    expect(happened).toEqual(['served']);
  } finally {
    vi.useRealTimers();
  }
});

test('whatever is asked and released in whatever order: never more than there is, and everybody is served', async () => {
  const asks = fc.array(fc.record({ bytes: fc.nat(150), urgent: fc.boolean(), turns: fc.nat(5) }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(asks, async (all) => {
      const room = createRoom(100);
      let most = 0;
      const ends = all.map(async ({ bytes, urgent, turns }) => {
        const lease = (await room.take(bytes, urgent ? 'under way' : 'new', never))!;
        most = Math.max(most, room.bytesTaken);
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        lease.release();
        lease.release();
      });
      await Promise.all(ends);
      expect(most).toBeLessThanOrEqual(100);
      expect([room.waiting, room.bytesTaken]).toEqual([0, 0]);
    }),
  );
});
