import { expect, test } from 'vitest';
import { channelArgsTo, directLoopback } from '../src/loopback.js';

const all = 'localhost,127.0.0.1,127.0.0.0/8,::1,[::1]';

test('without a proxy nothing is said', () => {
  expect(directLoopback({ PATH: '/bin', http_proxy: '', no_proxy: 'a' })).toEqual({});
});

test.each([
  'http_proxy',
  'HTTP_PROXY',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'Http_Proxy',
  'grpc_proxy',
])('with %s loopback is direct for every reader', (name) => {
  expect(directLoopback({ [name]: 'http://proxy:8080' })).toEqual({ no_proxy: all, NO_PROXY: all, no_grpc_proxy: all });
});

test('what is excepted already stays so, each variable its own, without the blanks that gRPC would take for a part of a name', () => {
  const given = {
    http_proxy: 'http://proxy:8080',
    no_proxy: ' a.example ,, 127.0.0.1',
    NO_PROXY: 'b.example',
    no_grpc_proxy: 'c.example,',
  };
  expect(directLoopback(given)).toEqual({
    no_proxy: 'a.example,127.0.0.1,localhost,127.0.0.0/8,::1,[::1]',
    NO_PROXY: `b.example,${all}`,
    no_grpc_proxy: `c.example,${all}`,
  });
  expect(directLoopback({ http_proxy: 'http://proxy:8080', NO_PROXY: 'b' })).toMatchObject({
    no_proxy: `b,${all}`,
    NO_PROXY: `b,${all}`,
    no_grpc_proxy: all,
  });
});

test("'*' stays alone, which is how it means every host; gRPC does not know it", () => {
  expect(directLoopback({ http_proxy: 'http://proxy:8080', no_proxy: '*' })).toEqual({
    no_proxy: '*',
    NO_PROXY: '*',
    no_grpc_proxy: all,
  });
});

test.each(['127.0.0.1:7233', 'localhost:7233', '127.1.2.3:1', '[::1]:7233', undefined])(
  'a channel to %s asks for no proxy',
  (address) => {
    expect(channelArgsTo(address)).toEqual({ 'grpc.enable_http_proxy': 0 });
  },
);

test.each(['temporal.example:7233', 'localhost.example:7233', '10.0.0.1:7233', '127.0.0.1.example:7233'])(
  'a channel to %s may',
  (address) => {
    expect(channelArgsTo(address)).toEqual({});
  },
);
