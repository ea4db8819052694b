// A commit that git cannot read from a copy that is whole costs itself: it is flagged by its id, all others are read, and it is
// read again when it can be.
import { expect, onTestFinished, test } from 'vitest';
import type { EventDraft } from '../../../src/domain/event.js';
import { gitDyingAt, type Death } from './failing-git.js';
import { commitsOf, contentsOf, filesOf, Reading, shasOf } from './reading.js';
import { Repository } from './repository.js';

const deaths: Death[] = ['exit 128', 'kill -SEGV $$'];

/** Without what is told of one commit. */
function others(events: readonly EventDraft[], id: string): EventDraft[] {
  return contentsOf(events).filter(({ data }) => data['sha'] !== id && data['commit'] !== id);
}

test.each(deaths)('git ends with %s over one commit, and another', async (death) => {
  const repository = Repository.create();
  const ids = repository.line(5);
  const undisturbed = await new Reading({ url: repository.path }).run();
  const id = ids[2]!;
  const reading = new Reading({ url: repository.path });
  const lift = gitDyingAt(id, death);
  onTestFinished(lift);
  const events = await reading.run();
  expect(shasOf(events)).toEqual(ids);
  expect(others(events, id)).toEqual(others(undisturbed, id));
  const [flagged] = events.filter(({ subject, type }) => subject === id && type === 'git.commit');
  expect(flagged).toMatchObject({
    identity: { kind: 'versioned', key: id, version: '0' },
    flags: ['missing_object'],
    data: { author: { name: 'Ada' }, message: 'file 3\n', parents: [ids[1]], stats: null },
  });
  expect(filesOf(events, id)).toEqual([]);
  // As long as it cannot be read, nothing is read for it.
  reading.incomplete = [id];
  expect(await reading.prepare()).toMatchObject({ nothingNew: true });
  const more = repository.line(1, { from: ids[4]!, name: 'more' });
  expect(shasOf(await reading.run())).toEqual(more);
  lift();
  const again = await reading.run();
  expect(again.map(({ identity }) => identity)).toEqual([
    { kind: 'versioned', key: id, version: '1' },
    { kind: 'versioned', key: `${id}:file`, version: '1' },
  ]);
  const [whole] = commitsOf(undisturbed).filter(({ sha }) => sha === id);
  expect([commitsOf(again), filesOf(again, id)]).toEqual([[whole], filesOf(undisturbed, id)]);
  reading.incomplete = [];
  expect(await reading.prepare()).toMatchObject({ nothingNew: true });
});

test('a walk that is ended in the middle of what is read again goes on there', async () => {
  const repository = Repository.create();
  const ids = repository.line(4);
  const reading = new Reading({ url: repository.path, maxCommits: 2 });
  for (let run = 0; run < 2; run++) await reading.run();
  reading.incomplete = ids.slice(0, 3);
  const more = repository.line(2, { from: ids[3]!, name: 'more' });
  const versions: unknown[] = [];
  for (let run = 0; run < 3; run++) {
    const events = contentsOf(await reading.run()).filter(({ type }) => type === 'git.commit');
    versions.push(events.map(({ subject, identity }) => [subject, identity.kind]));
    reading.incomplete = ids.slice(0, 3).filter((id) => !JSON.stringify(versions).includes(id));
  }
  expect(versions.flat()).toEqual(
    expect.arrayContaining([...ids.slice(0, 3).map((id) => [id, 'versioned']), ...more.map((id) => [id, 'immutable'])]),
  );
  expect(versions.flat()).toHaveLength(5);
});
