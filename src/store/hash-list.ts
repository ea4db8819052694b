// Many sha256 hashes as one parameter of 32 bytes each: an array of 20,000 literals cost a page 40 ms to write and to parse.

/** From hex. */
export function joinedHashes(hashes: readonly string[]): Buffer {
  return Buffer.from(hashes.join(''), 'hex');
}

/** SQL for the array of bytea, in the order given. */
export function hashesOf(parameter: string): string {
  return `array(
    select substring(${parameter}::bytea from at * 32 + 1 for 32) from generate_series(0, length(${parameter}::bytea) / 32 - 1) as at
     order by at)`;
}
