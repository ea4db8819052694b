// A version as a text that sorts, compared by bytes, as the origin's versions follow each other: what an index can hold.
import { instantOf } from './instant.js';

/**
 * time: RFC 3339, whatever its zone. number: digits with or without a sign and a fraction, of any size. text: by its UTF-8
 * bytes, for origins whose versions sort so (ULIDs, zero-padded numbers).
 */
export type VersionOrder = 'time' | 'number' | 'text';

/** Of a source with these options. */
export function orderOf<Options>(
  source: { readonly versionOrder?: VersionOrder | undefined; versionOrderBy?(options: Options): VersionOrder },
  options: Options,
): VersionOrder | undefined {
  return source.versionOrderBy?.(options) ?? source.versionOrder;
}

/** Postgres refuses index rows above 2,704 bytes, and an entity takes up to 2,400 of them. */
export const versionBytesMax = 100;

/** Null when it is no version of that kind. Equal texts: neither is newer. */
export function versionOrderOf(version: string, order: VersionOrder): string | null {
  if (version === '' || Buffer.byteLength(version) > versionBytesMax) return null;
  if (order === 'text') return version;
  return order === 'time' ? timeOrder(version) : numberOrder(version);
}

/** All its digits, also those beyond microseconds; without its Z a whole second sorts before its fractions. */
function timeOrder(version: string): string | null {
  const instant = instantOf(version);
  if (instant === null) return null;
  const fraction = /\.\d+/.exec(version)?.[0].replace(/\.?0+$/, '') ?? '';
  return instant.slice(0, 19) + fraction;
}

const decimal = /^(-?)0*(\d+)(?:\.(\d*?)0*)?$/;

/** The number of its whole digits, then its digits: 9 is 0019, 10 is 00210. Of a negative one each digit's complement. */
function numberOrder(version: string): string | null {
  const parts = decimal.exec(version);
  if (parts === null) return null;
  const [, sign, whole, fraction = ''] = parts as unknown as [string, string, string, string | undefined];
  const digits = `${String(whole.length).padStart(3, '0')}${whole}${fraction === '' ? '' : `.${fraction}`}`;
  // No 0 is negative. The end sorts behind every digit: -1.5 is less than -1.
  if (sign === '' || !/[1-9]/.test(whole + fraction)) return digits;
  return `-${digits.replaceAll(/\d/g, (digit) => String(9 - Number(digit)))}~`;
}
