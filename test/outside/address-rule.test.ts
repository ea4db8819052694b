// What is public may be asked; what only this machine or its network can reach may not, in whatever notation.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressProblem, isLoopback } from '../../src/outside/address-rule.js';

test.each([
  '127.0.0.1',
  '127.255.255.254',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '198.18.0.1',
  '::1',
  'fc00::1',
  'fd12:3456::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:10.1.2.3',
  '64:ff9b::7f00:1',
  '64:ff9b::192.168.0.1',
])('%s is private: refused, unless a person named it', (address) => {
  expect(addressProblem(address, false)).toMatch(/private network/);
  expect(addressProblem(address, true)).toBeNull();
});

test.each([
  '0.0.0.0',
  '0.1.2.3',
  '169.254.169.254',
  '100.100.100.200',
  '192.0.0.192',
  '192.0.2.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  'fd00:ec2::254',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  '64:ff9b:1::1',
  '::7f00:1',
  '100::1',
  '::ffff:169.254.169.254',
  '::ffff:0.0.0.0',
  '64:ff9b::a9fe:a9fe',
  '::ffff:0:127.0.0.1',
  'localhost',
  '',
  '127.1',
  '2130706433',
  '0x7f.1',
])('%s is never asked, whoever names it', (address) => {
  expect(addressProblem(address, false)).not.toBeNull();
  expect(addressProblem(address, true)).not.toBeNull();
});

test.each([
  '140.82.121.4',
  '8.8.8.8',
  '100.63.255.255',
  '100.128.0.1',
  '172.32.0.1',
  '2606:50c0:8000::154',
  '::ffff:140.82.121.4',
  '64:ff9b::8c52:7904',
])('%s is public', (address) => {
  expect(addressProblem(address, false)).toBeNull();
});

test('an IPv4 address within IPv6, in whichever notation, is judged as itself', () => {
  const octet = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.tuple(octet, octet, octet, octet), fc.boolean(), (octets, allowPrivate) => {
      const plain = octets.join('.');
      const hex = [octets[0] * 256 + octets[1], octets[2] * 256 + octets[3]]
        .map((group) => group.toString(16))
        .join(':');
      const verdicts = [plain, `::ffff:${plain}`, `::ffff:${hex}`, `64:ff9b::${plain}`, `64:ff9b::${hex}`].map((one) =>
        addressProblem(one, allowPrivate),
      );
      expect(new Set(verdicts).size).toBe(1);
    }),
  );
});

test('this machine has many names', () => {
  for (const host of ['localhost', 'localhost.', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]', '[::ffff:7f00:1]'])
    expect(isLoopback(host), host).toBe(true);
  for (const host of ['example.com', 'localhost.example.com', '10.0.0.1', 'notlocalhost', '[::2]'])
    expect(isLoopback(host), host).toBe(false);
});
