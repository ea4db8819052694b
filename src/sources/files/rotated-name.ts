// What rotation adds to a name, taken off: `access.log`, `access.log.1`, `access.log.2.gz`, `access.log-20260131` and
// `access-2026-01-31.log` have one stem. Names of one stem may be one log at different times; what they hold decides.

const packed = /\.(gz|zst|zstd|bz2|xz)$/i;
const added = /[.\-_](\d[\d.\-_T:]*|old|bak|prev|orig)$/i;
/** Before the last dot: log4j and its kin put the date or the number there. */
const inside = /[.\-_]\d[\d.\-_T:]*(?=\.[A-Za-z]+$)/;

export function stemOf(name: string): string {
  let stem = name.replace(packed, '');
  for (let shorter = stem.replace(added, ''); shorter !== stem && shorter !== ''; shorter = stem.replace(added, ''))
    stem = shorter;
  const plain = stem.replace(inside, '');
  return plain === '' ? stem : plain;
}
