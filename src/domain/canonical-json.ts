// Canonical JSON (RFC 8785): one text for one value, so that equal content has equal hashes on every machine.
//
// Rules, each with a test:
// - object keys sorted by UTF-16 code units; list order kept;
// - numbers as ECMAScript prints them: 50 and 50.0 are one value, -0 is 0; NaN and infinities are refused;
// - missing and undefined are the same (left out); null is a value and kept;
// - strings keep their code points: NFC and NFD forms differ; a lone surrogate becomes an escape;
// - a Date is its ISO text; a bigint is refused, because a reader would take it for another number.

export const canonicaliserVersion = 1;

/** Throws TypeError for a value JSON has no text for. */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      return canonicalNumber(value);
    case 'object':
      return value === null ? 'null' : canonicalObject(value);
    default:
      throw new TypeError(`a ${typeof value} has no canonical JSON`);
  }
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`the number ${value} has no canonical JSON`);
  return JSON.stringify(value);
}

function canonicalObject(value: object): string {
  if (Array.isArray(value)) return `[${value.map((item) => (item === undefined ? 'null' : canonicalJson(item))).join(',')}]`;
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  const record = value as Record<string, unknown>;
  let text = '';
  for (const key of sortedKeys(record)) {
    const item = record[key];
    if (item === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(item)}`;
  }
  return `{${text}}`;
}

/** Most mappers write their keys in order; looking is cheaper than sorting. */
function sortedKeys(record: Record<string, unknown>): string[] {
  const keys = Object.keys(record);
  for (let at = 1; at < keys.length; at++) {
    if (keys[at - 1]! > keys[at]!) return keys.sort();
  }
  return keys;
}
