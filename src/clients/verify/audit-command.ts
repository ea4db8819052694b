// The comparison with the origins, with its progress, and the door for what is missing.
import type { Installed } from '../../extensions/installed.js';
import type { RawRecord } from '../../domain/source.js';
import { limits } from '../../limits.js';
import type { Pool } from '../../store/pool.js';
import type { FoundSource } from '../../store/sources.js';
import { openOwnDoor, type OwnDoor } from '../record/open-door.js';
import type { Command } from '../stack/stack-access.js';
import { counted } from '../terminal/figures.js';
import { fittedLine } from '../terminal/fitted-line.js';
import { screenOf } from '../terminal/screen.js';
import { printable } from '../terminal/terminal.js';
import { tellAudit } from './audit-lines.js';
import { auditOrigins, type Repair } from './origin-audit.js';

export interface AuditPlace {
  readonly command: Command;
  readonly pool: Pool;
  readonly databaseUrl: string;
  readonly here: Installed;
}

/** False when an origin has what is not stored, or is not as it was read. */
export async function auditCommand(
  { command, pool, databaseUrl, here }: AuditPlace,
  source: string | null,
  how: 'compare' | 'repair',
): Promise<boolean> {
  const { config, terminal } = command;
  const door = how === 'repair' ? await openOwnDoor(config, databaseUrl, here) : null;
  const screen = screenOf(terminal);
  const onProgress = (what: string, events: number): void =>
    screen.show((cells) =>
      fittedLine(
        [
          { text: printable(what), rank: 2, least: 12 },
          { text: `${counted(events)} events`, rank: 1 },
        ],
        cells,
      ),
    );
  const repair = door === null ? null : repairBy(door, here);
  let ok = true;
  try {
    // Ctrl-C ends the command at once: what is repaired is committed, batch by batch.
    const { signal } = new AbortController();
    const parts = { pool, config, registry: here.registry, repair, signal, onProgress };
    for await (const audit of auditOrigins(parts, source)) {
      screen.end();
      tellAudit(audit, terminal);
      ok &&= audit.ok;
    }
  } finally {
    screen.end();
    await door?.close();
  }
  return ok;
}

function repairBy(door: OwnDoor, { registry }: Installed): Repair {
  return async ({ id, type }: FoundSource, records: readonly RawRecord[]) => {
    let stored = 0;
    for (let at = 0; at < records.length; at += limits.doorEventsMax) {
      const some = records.slice(at, at + limits.doorEventsMax);
      const { counts } = await door.take({ source: registry.get(type), id }, some);
      stored += counts.inserted;
    }
    return stored;
  };
}
