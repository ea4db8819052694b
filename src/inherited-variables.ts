// Environment variables that what we use reads: git, Temporal's client, the terminal; and secrets, by whatever name.
import type { Variable } from './variables.js';

export const inheritedVariables: Readonly<Record<string, Variable>> = {
  'TRIBUTARY_SECRET_…': {
    meaning: 'a secret that sources name by `env:TRIBUTARY_SECRET_…`',
    unit: 'text',
    default: 'none',
    example: 'TRIBUTARY_SECRET_ACME=ghp_…',
    secret: true,
  },
  ALL_PROXY: {
    meaning: 'a proxy for git, whatever it speaks. Also as `all_proxy`',
    unit: 'URL',
    default: 'none',
    example: 'socks5://proxy.example:1080',
    secret: true,
  },
  TEMPORAL_API_KEY: {
    meaning: 'the key of a Temporal elsewhere',
    unit: 'text',
    default: 'none',
    example: 'eyJ…',
    secret: true,
  },
  'TEMPORAL_TLS, TEMPORAL_TLS_…, TEMPORAL_GRPC_META_…': {
    meaning: 'certificates and headers for a Temporal elsewhere, as for the `temporal` program',
    unit: "see Temporal's documentation",
    default: 'none',
    example: 'TEMPORAL_TLS_CLIENT_CERT_PATH=/etc/temporal/client.pem',
    secret: true,
  },
  XDG_DATA_HOME: {
    meaning:
      "this user's home of Tributary is `tributary` below it, where neither `TRIBUTARY_HOME` nor a `.tributary` upwards is one",
    unit: 'path',
    default: '`.local/share` in the home directory',
    example: '/var/lib',
  },
  XDG_CACHE_HOME: {
    meaning: 'programs that were downloaded, copied or built are kept in `tributary` below it',
    unit: 'path',
    default: '`.cache` in the home directory',
    example: '/var/cache',
  },
  SSH_AUTH_SOCK: {
    meaning: 'the ssh agent, for git',
    unit: 'path',
    default: 'none',
    example: '/run/user/1000/ssh-agent',
  },
  'SSL_CERT_FILE, SSL_CERT_DIR, GIT_SSL_CAINFO, GIT_SSL_CAPATH': {
    meaning: 'certificates of authorities, for git',
    unit: 'path',
    default: 'those of the system',
    example: '/etc/ssl/acme.pem',
  },
  NO_COLOR: { meaning: 'no colours', unit: 'anything', default: 'colours on a terminal, none elsewhere', example: '1' },
};
