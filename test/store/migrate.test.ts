// Migrations: several at once, a second time, a changed file, a failing file.
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { NeedsAttention } from '../../src/domain/errors.js';
import { migrate } from '../../src/store/migrate.js';
import { openDatabase, type OpenDatabase } from '../support/database.js';

let database: OpenDatabase;
let directory: string;
const files = readdirSync(join(packageRoot, 'sql'))
  .filter((name) => /^\d{4}_/.test(name))
  .sort();

beforeEach(async () => {
  database = await openDatabase('template0');
  directory = mkdtempSync(join(tmpdir(), 'tributary-sql-'));
  cpSync(join(packageRoot, 'sql'), directory, { recursive: true });
});
afterEach(async () => {
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

test('eight migrators at once apply each file once, and all find the schema ready', async () => {
  const applied = await Promise.all(Array.from({ length: 8 }, () => migrate(database.pool, directory)));
  expect(applied.flat().sort()).toEqual(files);
  const { rows } = await database.pool.query('select count(*)::integer as versions from schema_migrations');
  expect(rows).toEqual([{ versions: files.length }]);
});

test('a second time there is nothing to do', async () => {
  await migrate(database.pool, directory);
  expect(await migrate(database.pool, directory)).toEqual([]);
});

test('a new file is applied to a database that has data', async () => {
  await migrate(database.pool, directory);
  await database.pool.query(
    `insert into sources (id, type, options, origin, identity_version, canonicaliser_version) values ('a', 't', '{}', 'o', 1, 1)`,
  );
  writeFileSync(join(directory, '9000_more.sql'), 'alter table sources add colour text;');
  expect(await migrate(database.pool, directory)).toEqual(['9000_more.sql']);
});

test('a file changed after it was applied is refused, and nothing is applied', async () => {
  await migrate(database.pool, directory);
  writeFileSync(join(directory, files[0]!), '-- changed');
  writeFileSync(join(directory, '9000_more.sql'), 'create table more ();');
  await expect(migrate(database.pool, directory)).rejects.toThrow(NeedsAttention);
  await expect(migrate(database.pool, directory)).rejects.toThrow(
    /was applied with other contents .* restore the file and put the change into a new one/s,
  );
  const { rows } = await database.pool.query(`select to_regclass('more') as more`);
  expect(rows).toEqual([{ more: null }]);
});

test('a file that fails leaves nothing behind and is tried again', async () => {
  writeFileSync(join(directory, '9000_more.sql'), 'create table more (); select 1 / 0;');
  await expect(migrate(database.pool, directory)).rejects.toThrow('division by zero');
  const { rows } = await database.pool.query(
    `select to_regclass('more') as more, (select count(*)::integer from schema_migrations) as versions`,
  );
  expect(rows).toEqual([{ more: null, versions: files.length }]);
  writeFileSync(join(directory, '9000_more.sql'), 'create table more ();');
  expect(await migrate(database.pool, directory)).toEqual(['9000_more.sql']);
});

test('partitions can be made after events of their month went into the default one', async () => {
  await migrate(database.pool, directory);
  await database.pool.query(`
    do $$ declare name text; begin
      for name in select relname from pg_class where relname ~ '^events_\\d{4}_\\d\\d$' loop execute 'drop table ' || name; end loop;
    end $$;
    insert into events (ingested_at, source, id, type, priority, epoch, page, ordinal, data) values (now(), 'a', 'late', 't', 2, 1, 1, 0, '{}')`);
  await migrate(database.pool, directory);
  const { rows } = await database.pool.query('select id from events');
  expect(rows).toEqual([{ id: 'late' }]);
});
