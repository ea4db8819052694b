// The table of environment variables: docs/environment.md and config.ts say the same. UPDATE_ENVIRONMENT=1 writes the tables anew.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../src/config.js';
import { packageRoot } from '../src/package-root.js';
import { inheritedVariables } from '../src/inherited-variables.js';
import { ownVariables, type Variable } from '../src/variables.js';

const path = join(packageRoot, 'docs', 'environment.md');

function tableOf(variables: Readonly<Record<string, Variable>>): string {
  const row = (name: string, { meaning, unit, default: without, example }: Variable): string =>
    `| ${name
      .split(', ')
      .map((one) => `\`${one}\``)
      .join(', ')} | ${meaning} | ${without} | ${unit} | \`${example}\` |`;
  const rows = Object.entries(variables).map(([name, variable]) => row(name, variable));
  return ['| variable | meaning | default | unit | example |', '|---|---|---|---|---|', ...rows].join('\n');
}

/** Each table stands between two marks that name it. */
function withTables(text: string): string {
  return Object.entries({ own: ownVariables, others: inheritedVariables }).reduce(
    (page, [name, variables]) =>
      page.replace(
        new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- /${name} -->)`),
        (_, begin: string, end: string) => `${begin}${tableOf(variables)}\n${end}`,
      ),
    text,
  );
}

test('docs/environment.md has each variable with its meaning, default, unit and example', () => {
  const page = readFileSync(path, 'utf8');
  if (process.env['UPDATE_ENVIRONMENT'] !== undefined) writeFileSync(path, withTables(page));
  const now = readFileSync(path, 'utf8');
  expect(now).toBe(withTables(now));
  for (const name of ['own', 'others']) expect(now).toContain(`<!-- ${name} -->\n| variable |`);
});

/** With a file, which two of the variables are about. */
const folder = mkdtempSync(join(tmpdir(), 'tributary-variables-'));
writeFileSync(join(folder, 'tributary.yaml'), 'profiles: { development: {} }\n');

const embed = { TRIBUTARY_EMBED_URL: 'http://127.0.0.1:8080/v1', TRIBUTARY_EMBED_MODEL: 'm' };

test.each(Object.entries(ownVariables))('the example of %s is one that is taken', (name, { example, inForce }) => {
  const config = loadConfig({ ...embed, [name]: example }, folder);
  expect(inForce?.(config)).not.toBeNull();
});

test.each(Object.entries(ownVariables).filter(([, { default: without }]) => /^`[^`]*`$/.test(without)))(
  'the default of %s is the one that is told',
  (_, { default: without, inForce, derivedFrom }) => {
    const found = String(inForce!(loadConfig({}, '/srv')));
    expect(`\`${derivedFrom === undefined ? found : found.replace('/srv/', '')}\``).toBe(without);
  },
);
