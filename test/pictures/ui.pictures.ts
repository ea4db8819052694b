// What a stranger sees in the Temporal UI: the pages of README and docs/operating.md in a real browser, asked the stranger's
// questions (which source, what state, how far, how fast, what went wrong), and kept as pictures.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../src/local/until.js';
import { packageRoot } from '../../src/package-root.js';
import { committed, start, startSituations, type Situations } from './situations.js';

const programs = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const workflows = '/namespaces/default/workflows';
/** As a person has chosen them, once per browser: they cannot be given by a link. */
const columns = [
  'Status',
  'TributaryState',
  'TributaryProgress',
  'TributarySource',
  'TributarySourceType',
  'TributaryEvents',
  'Workflow ID',
  'Start',
];

/** Wide enough for the UI to show its facts in columns; its navigation at the left and its top are cut off. */
const size = { width: 1_344, height: 960 };
const [left, top] = [64, 48];

let situations: Situations;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  const executablePath = programs.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error(`no browser at ${programs.join(', ')}; install chromium`);
  situations = await startSituations();
  browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu'] });
  const context = await browser.newContext({ viewport: size, colorScheme: 'light' });
  const chosen = JSON.stringify({ default: columns.map((label, at) => ({ label, pinned: at < 2 })) });
  await context.addInitScript(`localStorage.setItem('namespace-workflow-table-columns', ${JSON.stringify(chosen)})`);
  page = await context.newPage();
});
afterAll(async () => {
  await browser?.close();
  await situations?.close();
});

/** All a person can read, also in the frames the UI shows Markdown in. */
async function shown(): Promise<string> {
  const texts = await Promise.all(
    page.frames().map((frame) => frame.evaluate<string>('document.body.innerText').catch(() => '')),
  );
  return texts.join('\n').replaceAll(/\s+/g, ' ');
}

async function open(path: string, expected: readonly RegExp[]): Promise<void> {
  await page.goto(situations.ui + path);
  for (const text of expected) {
    const found = await until(async () => (text.test(await shown()) ? true : null), 20_000);
    if (found === null) expect(await shown()).toMatch(text);
  }
}

/** The page of a source's workflow: its first, or another of its tabs. */
async function openSync(source: string, expected: readonly RegExp[], tab = 'history'): Promise<void> {
  const { runId } = await situations.client.workflow.getHandle(`sync/${source}`).describe();
  await open(`${workflows}/${encodeURIComponent(`sync/${source}`)}/${runId}/${tab}`, expected);
}

async function picture(name: string, height: number): Promise<void> {
  // The frames of Markdown find their height a moment after their text.
  await page.waitForTimeout(1_000);
  await page.screenshot({
    path: join(packageRoot, 'docs', 'pictures', `${name}.png`),
    clip: { x: left, y: top, width: size.width - left, height },
  });
}

/** As the README links to it. */
const [, view] = /\(http:\/\/127\.0\.0\.1:8233([^)]*savedQuery=[^)]*)\)/.exec(
  readFileSync(join(packageRoot, 'README.md'), 'utf8'),
)!;

const details = 'user-metadata';

test('a running sync says how far and how fast it is, and the list names every source with its state', async () => {
  const { client } = situations;
  await start(client, 'demo/orders', { type: 'synthetic', options: { events: 2_000_000, seed: 1 } });
  await committed(client, 'demo/orders', 20);
  await openSync(
    'demo/orders',
    [
      /demo\/orders \(synthetic seed 1\) is running/,
      /\d+ %: [\d,]+ of 2,000,000 records stored/,
      /[\d,]+ events\/s, about .* left/,
    ],
    details,
  );
  await picture('running', 460);
  await open(view!, [/demo\/orders/, /paused/, /needs_attention/, /failed/, /sync\/acme\/web/]);
  expect(decodeURIComponent(page.url())).toContain('ExecutionStatus!="ContinuedAsNew"');
  expect(await shown()).toContain('Tributary: syncs');
  await picture('list', 570);
  await client.workflow.getHandle('sync/demo/orders').signal('stop');
});

test('a paused sync says by whom, until when and why, on its first page and in its details', async () => {
  await openSync('demo/invoices', [/paused by ana until/, /ticket 812/]);
  await picture('paused', 760);
  await openSync('demo/invoices', [/is paused/, /paused by ana until/, /send the signal resume/], details);
});

test('a source that needs attention says what went wrong and what to do, on its first page', async () => {
  await openSync('acme/legacy', [/Failed/, /acme\/legacy\.git/, /NeedsAttention/, /start the same workflow id again/]);
  await picture('needs-attention', 720);
  await openSync(
    'acme/legacy',
    [/acme\/legacy \(git/, /is needs attention/, /start the same workflow id again/],
    details,
  );
});

test('a refused start names the field', async () => {
  await openSync('acme/wrong', [/Failed/, /source\.options/, /InvalidInput/, /correct the input/]);
});

test('a followed source says when it is looked at next', async () => {
  await openSync('acme/web', [/acme\/web/, /is running/, /followed: next look/], details);
});

test('the start form is filled in', async () => {
  await open(`${workflows}/start-workflow?workflowType=syncSource&taskQueue=tributary&workflowId=sync/acme/api`, [
    /Task Queue is Active/,
    /"sourceId"/,
  ]);
  await picture('start-form', 660);
});

test('the schedules are there, with their last and next starts', async () => {
  await open('/namespaces/default/schedules', [/sync\/acme\/api/, /interval/]);
  await picture('schedules', 320);
});
