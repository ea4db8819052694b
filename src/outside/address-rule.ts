// Which addresses may be asked. An answer, a name server or an option of a source must not lead us to what only this
// machine or its network can reach (SSRF). Ranges are those of IANA's special-purpose registries; IPv6 is refused
// unless it is public.
import { BlockList, isIP } from 'node:net';

/** This machine and its networks: allowed where a person named the origin. 198.18.0.0/15 is for laboratories. */
const private4 = ['10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '198.18.0.0/15'];
const private6 = ['::1/128', 'fc00::/7'];

/**
 * Nobody names these: link-local with the metadata of clouds, multicast, documentation, reserved; 100.100.100.200 is
 * Alibaba's metadata.
 */
const never4 = [
  '0.0.0.0/8',
  '100.100.100.200/32',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Teredo and 6to4 hold an IPv4 address of anyone's choice; fd00:ec2::254 is Amazon's metadata. */
const never6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', 'fd00:ec2::254/128'];

/**
 * IPv4 within IPv6, mapped or translated (NAT64): judged by the IPv4 address in it. Networks with IPv6 only reach
 * GitHub so.
 */
const carriers = ['::ffff:', '64:ff9b::'];
const public6 = ['2000::/3', '64:ff9b::/96', '::ffff:0:0/96'];

const never = listOf([...never4, ...carried(never4), ...never6]);
const private_ = listOf([...private4, ...carried(private4), ...private6]);
const open6 = listOf(public6);

/** What is wrong with asking this address, in words; null: nothing. What is no address is wrong. */
export function addressProblem(address: string, allowPrivate: boolean): string | null {
  const family = isIP(address);
  if (family === 0) return 'no address';
  if (within(never, address)) return 'link-local, multicast, reserved, or the metadata service of a cloud';
  if (within(private_, address)) return allowPrivate ? null : 'an address of this machine or a private network';
  return family === 4 || within(open6, address) ? null : 'no public address';
}

const loopback = listOf(['127.0.0.0/8', ...carried(['127.0.0.0/8']), '::1/128']);

/** Of a URL's host: whether it is this machine. */
export function isLoopback(hostname: string): boolean {
  const host = bare(hostname);
  return isIP(host) === 0 ? /(^|\.)localhost\.?$/.test(host) : within(loopback, host);
}

/** A URL writes `[::1]`. */
export function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function carried(ranges: readonly string[]): string[] {
  return ranges.flatMap((range) => {
    const [address, bits] = range.split('/');
    return carriers.map((prefix) => `${prefix}${address}/${96 + Number(bits)}`);
  });
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

function within(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
