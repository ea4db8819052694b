// CPU time of a process and its children, as Linux counts it.
import { readdirSync, readFileSync } from 'node:fs';

/** Linux has counted in hundredths of a second since 2.6, whatever its timer does. */
const tickMs = 10;

/** With its children, also those that ended: Postgres has a process for each connection. */
export function cpuMs(pid: number): number {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && statOf(name)?.parent === pid);
  return [String(pid), ...children].reduce((sum, one) => sum + (statOf(one)?.ticks ?? 0), 0) * tickMs;
}

function statOf(pid: string): { readonly parent: number; readonly ticks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in front may hold spaces.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [user, system, userOfEnded, systemOfEnded] = fields.slice(11, 15) as [number, number, number, number];
    return { parent: fields[1]!, ticks: user + system + userOfEnded + systemOfEnded };
  } catch {
    return undefined;
  }
}
