// IPv4 and IPv6 addresses as one text each, and their networks.
import { isIP } from 'node:net';

/** The same text for the same address: `2001:DB8:0::1` and `2001:db8::1`. A name is in lower case. */
export function normalAddress(host: string): string {
  return isIP(host) === 6 ? shownGroups(groupsOf(host)) : host.toLowerCase();
}

/** IPv4 as /24; IPv6 as /48. An IPv4 address written as IPv6 is one of IPv4. */
export function networkOf(address: string): string {
  if (isIP(address) === 4) return `${address.slice(0, address.lastIndexOf('.'))}.0`;
  const groups = groupsOf(address);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return `::ffff:${groups[6]! >> 8}.${groups[6]! & 255}.${groups[7]! >> 8}.0`;
  return shownGroups([...groups.slice(0, 3), 0, 0, 0, 0, 0]);
}

/** Eight numbers of 16 bits, without the zone behind a percent sign. */
function groupsOf(address: string): number[] {
  const [front, back] = withoutDots(address.split('%')[0]!).split('::') as [string, string | undefined];
  const [left, right] = [numbers(front), back === undefined ? [] : numbers(back)];
  return [...left, ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => 0), ...right];
}

function numbers(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** `::ffff:192.0.2.1` to `::ffff:c000:201`. */
function withoutDots(address: string): string {
  if (!address.includes('.')) return address;
  const at = address.lastIndexOf(':') + 1;
  const [a, b, c, d] = address.slice(at).split('.').map(Number) as [number, number, number, number];
  return `${address.slice(0, at)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

/** As RFC 5952 has it: the longest row of zeros, from two on, is `::`. */
function shownGroups(groups: readonly number[]): string {
  let [from, length] = [0, 1];
  for (let at = 0; at < groups.length; at++) {
    let end = at;
    while (groups[end] === 0) end += 1;
    if (end - at > length) [from, length] = [at, end - at];
    at = Math.max(at, end - 1);
  }
  const shown = groups.map((group) => group.toString(16));
  if (length < 2) return shown.join(':');
  return `${shown.slice(0, from).join(':')}::${shown.slice(from + length).join(':')}`;
}
