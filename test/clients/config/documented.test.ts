// What is published of tributary.yaml: its JSON schema is the one that the code makes (UPDATE_CONFIG_SCHEMA=1 writes it anew),
// and the example of docs/configuration.md is taken. The example is applied in test/clients/config.test.ts.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileSchema } from '../../../src/clients/config/file-schema.js';
import { wantedSources } from '../../../src/clients/config/wanted.js';
import { placedFile } from '../../../src/config-file/config-file.js';
import { sections, variableOf } from '../../../src/config-file/sections.js';
import { loadConfig } from '../../../src/config.js';
import { packageRoot } from '../../../src/package-root.js';
import { builtInSources, createRegistry } from '../../../src/sources/index.js';
import { ownVariables } from '../../../src/variables.js';
import { documentedExample } from '../../support/documented-example.js';

const path = join(packageRoot, 'docs', 'tributary.schema.json');

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly definitions: Readonly<Record<string, Schema & { readonly allOf: readonly unknown[] }>>;
  readonly additionalProperties?: unknown;
}

test('docs/tributary.schema.json is up to date', () => {
  const text = `${JSON.stringify(fileSchema(builtInSources), null, 2)}\n`;
  if (process.env['UPDATE_CONFIG_SCHEMA'] !== undefined) writeFileSync(path, text);
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('the schema has every section and every option of every type, and refuses names that mean nothing', () => {
  const schema = fileSchema(builtInSources) as unknown as Schema;
  expect(Object.keys(schema.properties)).toEqual([...Object.keys(sections), 'sources', 'profiles']);
  expect(schema.additionalProperties).toBe(false);
  for (const [name, section] of Object.entries(sections))
    expect(Object.keys(schema.properties[name]!.properties)).toEqual(Object.keys(section.shape));
  expect(JSON.stringify(schema.definitions['source']!.allOf)).toMatch(
    /"const":"git".*"maxCommits".*"const":"synthetic"/,
  );
});

test('each entry of a section is a variable, and the page names each section', () => {
  const page = readFileSync(join(packageRoot, 'docs', 'configuration.md'), 'utf8');
  for (const name of Object.keys(sections)) expect(page).toContain(`| \`${name}\` |`);
  for (const variable of Object.values(variableOf)) expect(Object.keys(ownVariables)).toContain(variable);
});

test('the example of docs/configuration.md holds, with its profile and without', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-example-'));
  const file = join(folder, 'tributary.yaml');
  writeFileSync(file, documentedExample());
  const registry = createRegistry();
  const sourcesOf = (profile: string | null) =>
    wantedSources(placedFile({ path: file, why: 'named' }, profile), registry, new Date())!;
  expect(loadConfig({}, folder)).toMatchObject({ recentHashesMax: 50_000, enrichOff: ['code'] });
  expect(loadConfig({ TRIBUTARY_PROFILE: 'development' }, folder)).toMatchObject({ recentHashesMax: 5_000 });
  expect(sourcesOf(null)).toMatchObject([
    { id: 'acme/api', given: { url: join(folder, 'api') }, settings: { mode: 'follow', pollIntervalMs: 10_000 } },
    { id: 'acme/web', schedule: { cron: '0 4 * * *', timezone: 'Europe/Berlin', jitterMs: 300_000 } },
    { id: 'acme/made-up', options: { events: 100 }, pause: { reason: 'ticket 812' } },
  ]);
  expect(sourcesOf('development')).toMatchObject([
    { id: 'acme/api' },
    { id: 'acme/web', schedule: null },
    { id: 'acme/made-up', options: { events: 10 }, pause: undefined },
  ]);
});
