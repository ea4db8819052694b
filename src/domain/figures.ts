// Numbers and times as people read them, on the command line and in the Temporal UI. Pure: workflows import it.

/** `12,345` */
export function counted(number: number): string {
  return Math.round(number).toLocaleString('en-US');
}

/** `1 page`, `12,345 pages`; `many` is the plural where an s does not make it: `1 try`, `3 tries`. */
export function amount(number: number, one: string, many = `${one}s`): string {
  return `${counted(number)} ${Math.round(number) === 1 ? one : many}`;
}

/** `831 ms`, `12.3 s`, `4 min 5 s`, `3 h 20 min`, `12 days` */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** `2026-01-31 12:00:00 UTC`, of an ISO time in UTC. */
export function instantText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}
