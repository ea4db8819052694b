// Numbers and times as people read them.

export function counted(number: number): string {
  return Math.round(number).toLocaleString('en-US');
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

export function rate(count: number, ms: number): string {
  return `${counted((count * 1_000) / Math.max(1, ms))}/s`;
}

const byteUnits = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function bytes(count: number): string {
  const at = Math.min(byteUnits.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, count)) / 10)));
  const value = count / 1_024 ** at;
  return `${value >= 100 || at === 0 ? counted(value) : value.toFixed(1)} ${byteUnits[at]}`;
}
