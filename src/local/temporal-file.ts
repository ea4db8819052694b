// Temporal's SQLite file. The server makes its tables only in a file that does not exist yet, so a first start that was interrupted
// leaves one with which no later start succeeds. A mark beside the file says that a start did.
import { existsSync, rmSync, writeFileSync } from 'node:fs';

/** Before a start: removes a file that no start ever completed; there is nothing in it. */
export function discardIncomplete(file: string): void {
  if (existsSync(markOf(file))) return;
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
}

/** After a start that succeeded. */
export function markComplete(file: string): void {
  if (!existsSync(markOf(file))) writeFileSync(markOf(file), '');
}

function markOf(file: string): string {
  return `${file}.complete`;
}
