// The cheap look at a folder that grows, as slackdump or a job that unpacks exports makes it.
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Source } from '../../../src/domain/source.js';
import { slackExport } from '../../../src/sources/slack-export/index.js';
import { Reading } from '../../../src/testing/reading.js';
import { apiMessage, days, lists, temporaryDirectory, writeFolder } from './exports.js';

const source = slackExport as Source;

async function readToEnd(reading: Reading): Promise<number> {
  await reading.prepare();
  const chunks = await reading.rest();
  for (const chunk of chunks) reading.commit(chunk);
  return chunks.reduce((sum, { records }) => sum + records.length, 0);
}

test('there is news when a day is added, changed or taken away, and none before and after it is read', async () => {
  const path = writeFolder({ ...lists, ...days('general', 2, 3) });
  const reading = new Reading({ source, options: { path } }, join(temporaryDirectory(), 'place'));
  const hasNews = () => source.hasNews!(reading.context, reading.cursor);
  await readToEnd(reading);
  const day = join(path, 'general/2024-01-03.json');
  const changes = [
    () => writeFileSync(day, JSON.stringify([apiMessage('1704240000.000000', 'new')])),
    () => writeFileSync(day, JSON.stringify([apiMessage('1704240000.000000', 'new, and edited')])),
    () => utimesSync(day, 7, 7),
    () => rmSync(day),
  ];
  for (const change of changes) {
    expect(await hasNews()).toBe(false);
    change();
    expect(await hasNews()).toBe(true);
    expect(await readToEnd(reading)).toBeGreaterThan(0);
  }
  expect([await hasNews(), await readToEnd(reading)]).toEqual([false, 0]);
});

test('a look at an export that is away is an error, and never as if there were nothing', async () => {
  const path = writeFolder({ ...lists, ...days('general', 1, 1) });
  const reading = new Reading({ source, options: { path } }, join(temporaryDirectory(), 'place'));
  await readToEnd(reading);
  rmSync(path, { recursive: true });
  await expect(source.hasNews!(reading.context, reading.cursor)).rejects.toMatchObject({ code: 'no_export' });
  await expect(reading.prepare()).rejects.toMatchObject({ code: 'no_export', next: 'attention' });
});
