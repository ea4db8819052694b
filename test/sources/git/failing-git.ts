// A git that dies over one commit: what a newer or an older one may do with an object that is not as it expects.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './repository.js';

/** As git ends when it gives up, and when it crashes. */
export type Death = 'exit 128' | 'kill -SEGV $$';

/** From now on, until what it gives is called. */
export function gitDyingAt(id: string, death: Death): () => void {
  const [directory, path] = [temporaryDirectory(), process.env['PATH'] ?? ''];
  const script = `#!/bin/bash
set -o pipefail
PATH='${path}'
die() { echo 'fatal: unable to go on' >&2; ${death}; }
case " $* " in
  *' diff-tree '*'${id} '*) die ;;
  *' diff-tree --stdin '*) while IFS= read -r line; do [ "$line" != '${id}' ] || exit 1; printf '%s\\n' "$line"; done | git "$@" || die ;;
  *) exec git "$@" ;;
esac
`;
  writeFileSync(join(directory, 'git'), script, { mode: 0o755 });
  process.env['PATH'] = `${directory}:${path}`;
  return () => void (process.env['PATH'] = path);
}

/** A git that does not know one command, as an older one; until what it gives is called. */
export function gitWithout(command: string): () => void {
  const [directory, path] = [temporaryDirectory(), process.env['PATH'] ?? ''];
  const script = `#!/bin/bash
case " $* " in
  *' ${command} '*) echo "git: '${command}' is not a git command" >&2; exit 1 ;;
  *) PATH='${path}' exec git "$@" ;;
esac
`;
  writeFileSync(join(directory, 'git'), script, { mode: 0o755 });
  process.env['PATH'] = `${directory}:${path}`;
  return () => void (process.env['PATH'] = path);
}
