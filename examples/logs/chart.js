// Runs a query of a file and prints its rows, as psql would: node chart.js hours.sql. Asks DATABASE_URL, else the embedded Postgres.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { connect } from 'tributary-events';

async function databaseUrl() {
  if (process.env.DATABASE_URL !== undefined) return process.env.DATABASE_URL;
  const tributary = await connect();
  try {
    return (await tributary.status()).databaseUrl;
  } finally {
    await tributary.close();
  }
}

const query = readFileSync(process.argv[2], 'utf8');
const database = new pg.Client({ connectionString: await databaseUrl() });
await database.connect();
// Rows as lists of texts: a count has more digits than a number may hold.
const { fields, rows } = await database.query({ text: query, rowMode: 'array' });
await database.end();

const names = fields.map(({ name }) => name);
const texts = [names, ...rows.map((row) => row.map((value) => String(value ?? '')))];
const widths = names.map((_, at) => Math.max(...texts.map((row) => row[at].length)));
const isNumber = names.map((_, at) => rows.every((row) => /^[\d.]+$/.test(row[at])));
for (const row of texts) {
  const cells = row.map((text, at) => (isNumber[at] ? text.padStart(widths[at]) : text.padEnd(widths[at])));
  console.log(cells.join('  ').trimEnd());
}
