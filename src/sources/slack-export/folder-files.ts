// An export as a folder. Only what the folder itself lists is opened, never a name that a file of the export gives; links and
// devices are passed over, so nothing outside of the folder is ever read.
import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BrokenPart } from './array-elements.js';
import { Collecting, placeOf, type ExportFiles, type OpenExport, type Part } from './export-files.js';
import { exportLimits } from './limits.js';
import { isRefusedBySystem } from './system-errors.js';

interface FolderPart extends Part {
  readonly path: string;
}

const readBytes = 64 * 1_024;

export async function folderFiles(root: string, signal: AbortSignal): Promise<ExportFiles> {
  const collecting = new Collecting(root);
  for (const entry of await readdir(root, { withFileTypes: true })) {
    signal.throwIfAborted();
    if (entry.isFile() && placeOf(entry.name) !== null) await add(collecting, root, '', entry.name);
    if (!entry.isDirectory()) continue;
    await addDays(collecting, root, entry.name);
  }
  return collecting.files(async () => openFolder);
}

async function addDays(collecting: Collecting, root: string, folder: string): Promise<void> {
  try {
    for (const day of await readdir(join(root, folder), { withFileTypes: true }))
      // A list further down is another export's.
      if (day.isFile() && placeOf(day.name) === null && placeOf(`${folder}/${day.name}`) !== null)
        await add(collecting, root, folder, day.name);
  } catch (error) {
    if (!isRefusedBySystem(error)) throw error;
    // One day that nobody can read, so that its conversation says so and all others are read.
    const refused = 'and all others of its folder cannot be listed; give the worker the permission to read it';
    collecting.add(folder, { name: '0000-00-00.json', mark: 'refused', refused });
  }
}

async function add(collecting: Collecting, root: string, folder: string, name: string): Promise<void> {
  const path = join(root, folder, name);
  const { size, mtimeMs } = await lstat(path);
  const refused =
    size > exportLimits.partBytesMax ? `has ${size} bytes, at most ${exportLimits.partBytesMax} are read` : undefined;
  collecting.add<FolderPart>(folder, { name, mark: `${size}-${Math.trunc(mtimeMs)}`, refused, path });
}

const openFolder: OpenExport = {
  async *bytes(part) {
    // A link or a pipe that took the file's place since is not followed, and not waited for.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open((part as FolderPart).path, flags);
    try {
      if (!(await file.stat()).isFile()) throw new BrokenPart('file_no_list', 'is no file any more');
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(readBytes), 0, readBytes, null);
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  },
  close: async () => undefined,
};
