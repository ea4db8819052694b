// The front door is killed (kill -9) while events and webhooks are pushed into it, and its sessions are ended: nothing that was
// answered is lost, and what is given again is stored once.
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { openSource } from '../../src/door/open-source.js';
import { freePort } from '../../src/local/free-port.js';
import { createRegistry } from '../../src/sources/index.js';
import { verifySources } from '../../src/store/proving/verify.js';
import { startTributary, type Running } from '../clients/command.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { uniqueQueue, uniqueSource } from '../support/temporal.js';
import { commandEnvironment } from '../support/worker-process.js';

const database = testDatabase();
const secret = 'secret-of-the-killed-door-0123';
const none = async () => ({ stages: [], processors: [] });

async function startDoor(port: number): Promise<Running> {
  const environment = { ...commandEnvironment(database, uniqueQueue('door')), TRIBUTARY_SECRET_KILLED: secret };
  const door = startTributary(['serve', '--listen', `127.0.0.1:${port}`], environment);
  await answers(port);
  return door;
}

async function answers(port: number): Promise<void> {
  await eventually('the door answers', () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok || null,
      () => null,
    ),
  );
}

interface Pusher {
  readonly port: number;
  /** One look for all that wait for the door. */
  waiting?: Promise<void> | undefined;
  readonly acknowledged: Set<string>;
  readonly answers: number[];
}

/** Gives the same thing until it is answered with a 2xx, as a sender does that knows no more. */
async function push(
  pusher: Pusher,
  names: readonly string[],
  send: (name: string) => Promise<Response>,
): Promise<void> {
  for (const name of names) {
    for (let answered = false; !answered;) {
      const answer = await send(name).catch(() => undefined);
      if (answer === undefined)
        await (pusher.waiting ??= answers(pusher.port).finally(() => (pusher.waiting = undefined)));
      else {
        await answer.arrayBuffer().catch(() => undefined);
        pusher.answers.push(answer.status);
        answered = answer.ok;
      }
      if (answered) pusher.acknowledged.add(name);
    }
  }
}

test('a door that is killed again and again has all that it answered, once', async () => {
  const [events, hooks, port] = [uniqueSource('killed-door'), uniqueSource('killed-hooks'), await freePort(0)];
  const options = { provider: 'hmac', secret: 'env:TRIBUTARY_SECRET_KILLED', idHeader: 'X-Id' };
  const registry = createRegistry();
  await openSource(database.workerPool, { source: registry.get('webhook'), id: hooks, options }, none);
  let door = await startDoor(port);
  const at = `http://127.0.0.1:${port}/v1`;
  const pusher: Pusher = { port, acknowledged: new Set(), answers: [] };
  const headers = { 'content-type': 'application/json' };
  const event = (name: string) =>
    fetch(`${at}/events?source=${events}`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ type: 'told', id: name }),
    });
  const hook = (name: string) => {
    const body = JSON.stringify({ name });
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    return fetch(`${at}/webhooks/${hooks}`, {
      method: 'POST',
      headers: { ...headers, 'x-id': name, 'x-signature': signature },
      body,
    });
  };
  const names = (of: string, from: number) => Array.from({ length: 30 }, (_, n) => `${of}-${from * 30 + n}`);
  const pushing = Promise.all(
    [0, 1, 2, 3].flatMap((from) => [push(pusher, names('e', from), event), push(pusher, names('h', from), hook)]),
  );
  for (const until of [60, 140]) {
    await eventually('some of it is answered', () => pusher.acknowledged.size >= until);
    door.child.kill('SIGKILL');
    await door.ended;
    door = await startDoor(port);
  }
  await eventually('more of it is answered', () => pusher.acknowledged.size >= 180);
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'tributary front door'`,
  );
  await pushing;
  expect(
    pusher.answers.filter((status) => status !== 200 && status !== 503),
    door.said(),
  ).toEqual([]);
  const { rows } = await database.pool.query<{ id: string }>('select id from events where source in ($1, $2)', [
    events,
    hooks,
  ]);
  expect(rows.map(({ id }) => id).sort()).toEqual([...pusher.acknowledged].sort());
  expect(rows).toHaveLength(240);
  for (const source of [events, hooks]) {
    const [proof] = await verifySources(database.pool, { source, contents: () => true });
    expect([proof!.ok, proof!.events]).toEqual([true, 120]);
  }
  door.child.kill('SIGTERM');
  expect((await door.ended).code).toBe(0);
});

test('each event fifty times by two doors at once is stored once, and both say which was first', async () => {
  const [source, ports] = [uniqueSource('two-doors'), [await freePort(0), await freePort(0)]];
  const doors = await Promise.all(ports.map(startDoor));
  const body = JSON.stringify({ type: 'told', id: 'the one' });
  const give = async (n: number) => {
    const url = `http://127.0.0.1:${ports[n % 2]}/v1/events?source=${source}`;
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return ((await answer.json()) as { verdicts: { outcome: string }[] }).verdicts[0]!.outcome;
  };
  const outcomes = await Promise.all(Array.from({ length: 50 }, (_, n) => give(n)));
  expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === 'known')).toHaveLength(49);
  for (const { child } of doors) child.kill('SIGTERM');
  await Promise.all(doors.map(({ ended }) => ended));
});
