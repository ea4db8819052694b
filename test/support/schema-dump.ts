// The schema of a database as text that can be compared and read: by the catalog, because the embedded PostgreSQL brings no
// pg_dump. Monthly partitions are left out: they depend on the date.
import type { Pool } from '../../src/store/pool.js';

const sections: readonly (readonly [title: string, statement: string])[] = [
  [
    'Tables and views',
    `select format(E'%s %s%s (\\n%s\\n)', case relkind when 'v' then 'view' else 'table' end, relname,
            case when relkind = 'p' then ' partitioned by ' || pg_get_partkeydef(c.oid) when relispartition then ' partition of events' else '' end,
            string_agg(format('  %s %s%s%s%s%s%s', attname, format_type(atttypid, atttypmod),
              case when attcollation <> 0 and collname <> 'default' then ' collate "' || collname || '"' else '' end,
              case when attnotnull then ' not null' else '' end,
              case when attidentity <> '' then ' identity ' || attidentity::text else '' end,
              coalesce(' default ' || pg_get_expr(adbin, adrelid), ''),
              case when attstorage <> typstorage then ' storage ' || attstorage::text else '' end), E',\\n' order by attnum)) as line
       from pg_class c join pg_attribute a on attrelid = c.oid and attnum > 0 and not attisdropped
       join pg_type t on t.oid = atttypid
       left join pg_collation l on l.oid = attcollation
       left join pg_attrdef d on adrelid = c.oid and adnum = attnum
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and (not relispartition or relname = 'events_default')
      group by c.oid order by relname`,
  ],
  [
    'Constraints',
    `select format('%s: %s %s', conrelid::regclass, conname, pg_get_constraintdef(k.oid)) as line
       from pg_constraint k join pg_class c on c.oid = conrelid
      where connamespace = 'public'::regnamespace and contype <> 'n' and not relispartition order by 1`,
  ],
  [
    'Indexes',
    `select pg_get_indexdef(i.indexrelid) as line from pg_index i join pg_class c on c.oid = indrelid
      where relnamespace = 'public'::regnamespace and not relispartition order by 1`,
  ],
  ['Sequences', `select format('%s', sequencename) as line from pg_sequences where schemaname = 'public' order by 1`],
  [
    'View definitions',
    `select format(E'%s as\\n%s', viewname, definition) as line from pg_views where schemaname = 'public' order by viewname`,
  ],
  [
    'Functions',
    `select pg_get_functiondef(oid) as line from pg_proc where pronamespace = 'public'::regnamespace order by proname`,
  ],
  [
    'Rights of tributary_worker',
    `select format('%s: %s', table_name, string_agg(lower(privilege_type), ', ' order by privilege_type)) as line
       from information_schema.role_table_grants where grantee = 'tributary_worker' and table_schema = 'public'
        and table_name !~ '^events_\\d{4}_' group by table_name order by table_name`,
  ],
];

export async function dumpSchema(pool: Pool): Promise<string> {
  const parts = [
    '-- What the migrations make. Written by a test; UPDATE_SCHEMA=1 npx vitest run test/store/schema writes it anew.',
  ];
  for (const [title, statement] of sections) {
    const { rows } = await pool.query<{ line: string }>(statement);
    parts.push(`-- ${title}`, ...rows.map(({ line }) => line.trimEnd()));
  }
  return `${parts.join('\n\n')}\n`;
}
