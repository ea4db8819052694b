// Who decides: the name that stands beside a pause, a schedule's note, a decision about a dead letter.
import { userInfo } from 'node:os';

/** A user without an entry in the password file (a container's) has a number only, and asking for the name throws. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
