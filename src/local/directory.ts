// A directory with all above it, wherever a person said that it is to be.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Each part by itself: below /proc, where nothing can be made, Node's `recursive` tries for ever (ENOENT of a parent that is there). */
export function makeDirectory(path: string, mode?: number): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path), mode);
  try {
    mkdirSync(path, { recursive: false, mode });
  } catch (error) {
    // Another process, which starts at the same time, was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !existsSync(path)) throw error;
  }
}
