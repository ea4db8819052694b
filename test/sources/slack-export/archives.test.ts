// Whatever an archive or a folder holds: what can be read is read, what cannot is told of its channel alone, and nothing outside
// is ever touched.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isEngineError } from '../../../src/domain/errors.js';
import { crc32 } from '../../../src/sources/slack-export/crc32.js';
import { apiMessage, channel, days, lists, temporaryDirectory, writeFolder, writeZip, type Files } from './exports.js';
import { readExport } from './reading.js';

const files: Files = { ...lists, ...days('general', 2, 3), ...days('ops', 1, 2) };
const first = 'general/2024-01-01.json';

/** Where each field of an entry in the archive's directory is. */
const fields = { flags: 8, method: 10, crc: 16, packed: 20, size: 24, offset: 42, name: 46 } as const;

/** The archive with something changed in its directory's entry of a file. */
async function patched(name: string, patch: (zip: Buffer, at: number) => void, from: Files = files): Promise<string> {
  const path = await writeZip(from);
  const zip = readFileSync(path);
  const at = zip.lastIndexOf(name) - fields.name;
  expect(zip.readUInt32LE(at)).toBe(0x0201_4b50);
  patch(zip, at);
  writeFileSync(path, zip);
  return path;
}

test('the same is read of a zip, one with 64-bit fields, one packed with a folder around it, and a folder', async () => {
  const expected = (await readExport({ path: writeFolder(files) })).messages;
  expect(expected.length).toBe(8);
  const wrapped = Object.fromEntries(Object.entries(files).map(([name, one]) => [`Acme export/${name}`, one]));
  for (const path of [
    await writeZip(files),
    await writeZip(files, { zip64: true }),
    await writeZip({ ...wrapped, '__MACOSX/general/._2024-01-01.json': 'x' }),
  ])
    expect(await readExport({ path })).toMatchObject({ messages: expected, troubles: {}, rejected: [] });
});

test('names in UTF-8, decomposed or in the code page of old programs, are the channels they name', async () => {
  const named = (name: string): Files => ({ ...lists, 'channels.json': [channel('C0CAFE0001', name)] });
  const [composed, decomposed] = ['café', 'cafe\u0301'];
  const old = await patched('cafX/', (zip, at) => {
    for (const place of [zip.indexOf('cafX/'), at + fields.name]) zip[place + 3] = 0x82;
    zip.writeUInt16LE(zip.readUInt16LE(at + fields.flags) & ~0x800, at + fields.flags);
  }, { ...named(composed), ...days('cafX', 1, 2) }); // prettier-ignore
  for (const path of [
    old,
    await writeZip({ ...named(composed), ...days(composed, 1, 2) }),
    await writeZip({ ...named(composed), ...days(decomposed, 1, 2) }),
    writeFolder({ ...named(composed), ...days(decomposed, 1, 2) }),
  ])
    expect(await readExport({ path })).toMatchObject({ messages: { length: 2 }, troubles: {} });
});

test('of slackdump with files, Slack with canvases: what is no message is passed over', async () => {
  const more = {
    '__uploads/F0ONE00001/2024-01-01.txt': 'x',
    'general/attachments/F0ONE00001-a.json': 'x',
    'general/canvases_in_conversation.json': [{}],
    'FC:F0CANVAS01:Plan/2024-01-01.json': [apiMessage('1704067200.000000', 'beside a canvas')],
    'canvases.json': [{}],
    'integration_logs.json': [{}],
    'content_flags.json': 'broken',
  };
  for (const path of [await writeZip({ ...files, ...more }), writeFolder({ ...files, ...more })])
    expect(await readExport({ path })).toMatchObject({ messages: { length: 8 }, troubles: {} });
});

const spaces = Buffer.concat([Buffer.from('['), Buffer.alloc(12_000_000, ' '), Buffer.from(']')]);
test.each<[string, () => Promise<string>, string]>([
  ['encrypted', () => patched(first, (zip, at) => zip.writeUInt16LE(0x801, at + fields.flags)), 'is encrypted'],
  ['packed otherwise', () => patched(first, (zip, at) => zip.writeUInt16LE(99, at + fields.method)), 'method 99'],
  ['changed since', () => patched(first, (zip, at) => zip.writeUInt32LE(7, at + fields.crc)), 'checksum differs'],
  [
    'longer than it says',
    () => patched(first, (zip, at) => zip.writeUInt32LE(70, at + fields.size)),
    'more than the 70',
  ],
  ['elsewhere', () => patched(first, (zip, at) => zip.writeUInt32LE(1, at + fields.offset)), 'cannot be unpacked'],
  ['there twice', () => writeZip([...Object.entries(files), [first, []]]), 'more than once'],
  ['a bomb', () => writeZip({ ...files, [first]: spaces }), 'times its size, at most 200'],
  ['cut off', () => writeZip({ ...files, [first]: '[{"ts":' }), 'without its end'],
  ['no list', () => writeZip({ ...files, [first]: { messages: [] } }), 'expected a JSON array'],
])('a day that is %s is told of its channel, and all other days and channels are read', async (_, make, why) => {
  const { messages, troubles } = await readExport({ path: await make() });
  expect(messages.filter((ts) => ts.startsWith('17041536')).length).toBe(3);
  expect(new Set(messages.slice(-5)).size).toBe(5);
  expect(Object.keys(troubles)).toEqual(['channel/C0GENERAL1']);
  expect(troubles['channel/C0GENERAL1']).toMatch(
    /^broken_files: one file could not be read, all others were: 2024-01-01\.json /,
  );
  expect(troubles['channel/C0GENERAL1']).toContain(why);
});

test('a name that climbs leads nowhere: it is no file of the export', async () => {
  const from = { ...files, 'xx/general/2023-01-01.json': [apiMessage('1672531200.000000', 'outside')] };
  for (const climb of ['..', 'C:', '//']) {
    const path = await patched('xx/general', (zip, at) => zip.write(climb, at + fields.name), from);
    expect((await readExport({ path })).messages.length).toBe(8);
  }
});

test('a file too large to be unpacked at once is streamed, and told when it is damaged', async () => {
  // Noise, so that it is large when it is packed, too.
  const noise = (n: number): string => createHash('sha256').update(String(n)).digest('hex').repeat(300);
  const messages = Array.from({ length: 150 }, (_, n) =>
    apiMessage(`1704067200.${String(n).padStart(6, '0')}`, noise(n)),
  );
  const large = { ...lists, [first]: messages };
  expect(await readExport({ path: await writeZip(large) })).toMatchObject({ messages: { length: 150 }, troubles: {} });
  const path = await patched(first, (zip, at) => zip.writeUInt32LE(7, at + fields.crc), large);
  expect((await readExport({ path })).troubles['channel/C0GENERAL1']).toContain('checksum differs');
});

test('files that lie over each other are a bomb, and the whole archive is refused', async () => {
  const path = await patched(first, (zip, at) => zip.writeUInt32LE(zip.length, at + fields.packed));
  await expect(readExport({ path })).rejects.toThrow('has files that lie over each other');
});

test('a record over the bound is a dead letter, and so is what is no message; its neighbours are read', async () => {
  const odd = [
    apiMessage('1704067200.000000', 'x'.repeat(4_000_000)),
    5,
    { ts: 1.5 },
    apiMessage('1704067201.000000', 'y'),
  ];
  const { messages, rejected, troubles } = await readExport({ path: writeFolder({ ...files, [first]: odd }) });
  expect([messages.includes('1704067201.000000'), rejected, troubles]).toEqual([
    true,
    ['too_long', 'no_object', 'bad_ts'],
    {},
  ]);
});

test('links and pipes in a folder are passed over: nothing outside of it is read, nothing waits', async () => {
  const outside = writeFolder({ 'secret/2024-01-01.json': [apiMessage('1704067200.000000', 'outside')] });
  const root = writeFolder({
    ...files,
    'channels.json': [channel('C0GENERAL1', 'general'), channel('C0SECRET01', '../secret')],
  });
  rmSync(join(root, first));
  symlinkSync(join(outside, 'secret/2024-01-01.json'), join(root, first));
  symlinkSync(join(outside, 'secret'), join(root, 'secret'));
  execFileSync('mkfifo', [join(root, 'general/2024-01-03.json')]);
  const { events, troubles } = await readExport({ path: root });
  expect(JSON.stringify(events)).not.toContain('outside');
  expect(troubles).toEqual({});
});

test('a folder that no list names is told, unless its messages are not wanted', async () => {
  const stray = { ...files, ...days('gone', 1, 1) };
  const path = writeFolder(stray);
  expect((await readExport({ path })).troubles['folder/gone']).toMatch(
    /^unknown_channel: the folder gone has messages/,
  );
  expect(await readExport({ path, channels: ['gen*', 'G0OPS*'] })).toMatchObject({
    messages: { length: 8 },
    troubles: {},
  });
});

test('two conversations of one folder are both told: whose the messages are nobody knows', async () => {
  const path = writeFolder({ ...files, 'groups.json': [channel('G0GENERAL1', 'general')] });
  expect(Object.keys((await readExport({ path, channels: ['general'] })).troubles)).toEqual([
    'channel/C0GENERAL1',
    'channel/G0GENERAL1',
  ]);
});

const directory = temporaryDirectory();
mkdirSync(join(directory, 'empty'));
writeFileSync(join(directory, 'none.zip'), 'PK no zip');
test.each([
  [join(directory, 'away.zip'), 'is not there'],
  [join(directory, 'empty'), 'has no channels.json and no users.json'],
  [join(directory, 'none.zip'), 'is no zip that can be read'],
  ['/dev/null', 'is no file and no folder'],
])('%s is refused in one line', async (path, why) => {
  const refused = readExport({ path });
  await expect(refused).rejects.toMatchObject({ code: 'invalid_input', field: 'path' });
  await expect(refused).rejects.toThrow(why);
});

test('an archive cut off or changed anywhere is read, told or refused, and never more than that', async () => {
  const whole = readFileSync(await writeZip(files));
  const path = join(directory, 'changed.zip');
  const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255), isCut: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(change, async ({ at, byte, isCut }) => {
      const bytes = Buffer.from(isCut ? whole.subarray(0, at) : whole);
      if (!isCut) bytes[at] = byte;
      writeFileSync(path, bytes);
      await readExport({ path }).catch((error: unknown) => expect(isEngineError(error), String(error)).toBe(true));
    }),
    { numRuns: 60 },
  );
});

test('the checksum is that of a zip, over any pieces', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf4_3926);
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
      expect(crc32(other, crc32(one))).toBe(crc32(Buffer.concat([one, other])));
    }),
  );
});
