// What must not be kept is nowhere in a masked record.
import fc from 'fast-check';
import { isIP } from 'node:net';
import { expect, test } from 'vitest';
import { logFormatOf, maskRecord, rawOf, type Masking } from '../../../../src/sources/api-log/formats/index.js';
import { maskAddress, maskQuery } from '../../../../src/sources/api-log/formats/masking.js';
import { tries } from '../../../support/share.js';
import { told } from './read-line.js';

const query = (given: string, which: Masking['query']) => maskQuery(given, { query: which, addresses: 'keep' });
const address = (given: string, addresses: Masking['addresses'] = 'network', key = 'k') =>
  maskAddress(given, { query: 'keep', addresses, key });

test('queries: values of some keys or of all, by any writing of the key', () => {
  expect(query('a=1&Token=x%20y&b', ['token'])).toBe('a=1&Token=*&b');
  expect(query('token%5B%5D=1;token[0]=2&tok%65n=3&tokens=4', ['token'])).toBe(
    'token%5B%5D=*;token[0]=*&tok%65n=*&tokens=4',
  );
  expect(query('a=1&b=&c&&=x', 'all')).toBe('a=*&b=*&*&&=*');
  expect(query('a=1&%zz=2', ['%zz'])).toBe('a=1&%zz=*');
  expect(query('a=1', 'keep')).toBe('a=1');
});

test('addresses: networks of IPv4 and IPv6, ports stay, names go', () => {
  expect(
    [
      '192.0.2.77',
      '192.0.2.77:80',
      '2001:DB8:1:2:3::4',
      '[2001:db8:1:2::4]:443',
      '::ffff:192.0.2.77',
      '::1',
      'fe80::1%eth0',
      'host.example',
      'unix:',
    ].map((one) => address(one)),
  ).toEqual([
    '192.0.2.0',
    '192.0.2.0:80',
    '2001:db8:1::',
    '[2001:db8:1::]:443',
    '::ffff:192.0.2.0',
    '::',
    'fe80::',
    '*',
    'unix:',
  ]);
});

test('addresses: a hash is the same for the same address, another with another key, and tells nothing', () => {
  expect(address('2001:db8::1', 'hash')).toBe(address('2001:DB8:0:0::1', 'hash'));
  expect(address('192.0.2.1', 'hash')).not.toBe(address('192.0.2.1', 'hash', 'other'));
  expect(address('192.0.2.1', 'hash')).toMatch(/^hash:[0-9a-f]{32}$/);
  expect(address('192.0.2.1', 'keep')).toBe('192.0.2.1');
});

test('a network is an address, and masking it again changes nothing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (given) => {
      const network = address(given);
      expect(isIP(network)).toBe(isIP(given));
      expect(address(network)).toBe(network);
    }),
    { numRuns: tries(300, 20_000) },
  );
});

const secret = 's3cr3t';
const lines: Readonly<Record<string, string>> = {
  main: `203.0.113.77 - - [10/Oct/2000:13:55:36 -0700] "GET /a?token=${secret} HTTP/1.1" 200 1 "https://x/?token=${secret}#token=${secret}" "Chrome/120.0.0.0" "203.0.113.77, 198.51.100.9"`,
  combined: `203.0.113.77 - - [10/Oct/2000:13:55:36 -0700] "GET /a?token=${secret} HTTP/9.9.9.9.9.9" 200 1 "-" "-" 203.0.113.77`,
  common: `broken ?token=${secret} 203.0.113.77`,
  json: `{"status":200,"ip":"203.0.113.77","peer":"[2001:db8:1:2::77]:80","redirect":"/x?token=${secret}","query":{"token":"${secret}","a":1},"list":["203.0.113.77:1"],"text":"to /y?token=${secret} now"}`,
};

test.each(Object.entries(lines))(
  '%s: neither the value nor the address is in the record, its fields or its raw bytes',
  (name, line) => {
    for (const format of [name, 'auto']) {
      const made = logFormatOf(format, 'UTC');
      const { record } = made.step(Buffer.from(line), format === 'auto' ? name : null);
      const masked = maskRecord(made, record!, { query: ['token'], addresses: 'network' });
      expect(masked.toString()).not.toContain(secret);
      expect(masked.toString()).not.toMatch(/\.77|198\.51\.100\.9|:77/);
      const read = made.read(masked);
      expect(read.flags).toEqual(made.read(record!).flags);
      expect(rawOf(masked, read)).toBeUndefined();
      expect(read.fields.userAgent ?? 'Chrome/120.0.0.0').toMatch(/120\.0\.0\.0|^-$/);
    }
  },
);

test('without anything to mask, a masked record says what the line said', () => {
  const made = logFormatOf('main', 'UTC');
  const record = Buffer.from(lines['main']!);
  expect(told(made.read(maskRecord(made, record, { query: 'keep', addresses: 'keep' })))).toEqual(
    told(made.read(record)),
  );
});
