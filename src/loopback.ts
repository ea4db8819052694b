// What our own processes say to each other stays on this machine: a proxy that the environment names is for the outside. Read
// by gRPC for Node (lower case alone), by curl in git, by Go and by Node's fetch; Temporal's native core reads none of it.

type Environment = Readonly<Record<string, string | undefined>>;

const proxies = ['http_proxy', 'https_proxy', 'all_proxy', 'grpc_proxy'];
/** Each form that one of the readers needs: a name, an address, a network, and IPv6 as written in a list and in an address. */
const hosts = ['localhost', '127.0.0.1', '127.0.0.0/8', '::1', '[::1]'];

/** The variables to set so that loopback needs no proxy; what else is said of proxies holds, for git and for a Temporal elsewhere. */
export function directLoopback(environment: Environment): Record<string, string> {
  const names = Object.keys(environment).filter((name) => environment[name] !== '');
  if (!names.some((name) => proxies.includes(name.toLowerCase()))) return {};
  const [lower, upper] = [listOf(environment['no_proxy']), listOf(environment['NO_PROXY'])];
  const grpc = listOf(environment['no_grpc_proxy']) ?? lower ?? [];
  return {
    // curl prefers the one, Go the other.
    no_proxy: direct(lower ?? upper ?? []),
    NO_PROXY: direct(upper ?? lower ?? []),
    // gRPC for Node knows no '*', which is every host to the others.
    no_grpc_proxy: direct(grpc.filter((host) => host !== '*')),
  };
}

/** gRPC takes what stands between commas as it is, with its blanks, and nothing for every host. */
function listOf(text: string | undefined): string[] | undefined {
  const given = (text ?? '')
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
  return given.length === 0 ? undefined : given;
}

/** Only alone does '*' mean every host. */
function direct(given: readonly string[]): string {
  return given.includes('*') ? '*' : [...new Set([...given, ...hosts])].join(',');
}

/** gRPC reads the proxy's URL even where it then goes without, and throws where that holds a stray '%'. */
export function channelArgsTo(address: string | undefined): { readonly 'grpc.enable_http_proxy'?: 0 } {
  return isLoopback(address ?? '127.0.0.1') ? { 'grpc.enable_http_proxy': 0 } : {};
}

/** Of a host, with or without a port. */
export function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(address.replace(/:\d+$/, ''));
}
