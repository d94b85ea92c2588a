// Opens the pages of a directory in Chromium, in each way that readers do, and checks what they see and hear.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(`${process.env.MODULES}/`);
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const directory = process.argv[2];

const WIDE = { width: 1280, height: 900 };
const READERS = {
  light: { colorScheme: 'light', viewport: WIDE },
  dark: { colorScheme: 'dark', viewport: WIDE },
  narrow: { colorScheme: 'light', viewport: { width: 360, height: 740 } },
  'narrow-dark': { colorScheme: 'dark', viewport: { width: 360, height: 740 } },
  'without-script': { colorScheme: 'light', viewport: WIDE, javaScriptEnabled: false },
  'less-motion': { colorScheme: 'light', viewport: WIDE, reducedMotion: 'reduce' },
};

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });

// Runs a test on a page, and fails if the page loads something, logs an error or violates its policy.
async function read(name, options, test) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const complaints = [];
  const url = pathToFileURL(`${directory}/${name}.html`).href;
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== url && !request.url().startsWith('data:')) {
      complaints.push(`request of ${request.url()}`);
    }
  });
  await page.goto(url);
  await test(page);
  assert.match(await page.title(), /^CgroupPolicy report: /, 'a text of the cluster ran');
  assert.deepEqual(complaints, [], `${name}: complaints of the browser`);
  await context.close();
}

async function isAccessible(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).slice(0, 3).join('; ')}`);
  assert.deepEqual(found, [], `${what}: axe`);
}

async function fitsItsWidth(page, what) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, globalThis.innerWidth]);
  assert.ok(content <= window, `${what}: the page is ${content} px wide, the window ${window}`);
}

// Presses Tab until the focus is where it should be, as a reader without a mouse does.
async function tabTo(page, selector, most = 400) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) {
      const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
      assert.notEqual(ring, 'none', `${selector}: the focus is invisible`);
      return;
    }
  }
  assert.fail(`${selector} cannot be reached with Tab`);
}

const count = (page) => page.locator('#count').textContent();
const counts = (page, text) => page.waitForFunction((wanted) => document.getElementById('count').textContent === wanted, text);
const visible = (page, selector) => page.locator(selector).filter({ visible: true });
const firstCells = (page, table, column) => visible(page, `${table} tbody tr > :nth-child(${column})`).allTextContents();

// A test must not hang.
function within(milliseconds, promise) {
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not finished within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const tests = [];
const test = (name, run) => tests.push([name, run]);

for (const [reader, options] of Object.entries(READERS)) {
  for (const name of ['report', 'manifests', 'compliant']) {
    test(`${name}, ${reader}: is accessible and fits`, () => read(name, options, async (page) => {
      await fitsItsWidth(page, `${name} ${reader}`);
      await page.screenshot({ path: `${directory}/${name}-${reader}.png`, fullPage: true });
      // Axe itself is a script.
      if (options.javaScriptEnabled !== false) {
        await isAccessible(page, `${name} ${reader}`);
      }
    }));
  }
}

test('without a script, everything is there and no control is that does nothing', () => read('report', READERS['without-script'], async (page) => {
  assert.equal(await visible(page, '.findings tbody tr').count(), 145);
  assert.equal(await visible(page, 'main button, main input, main select').count(), 0);
  assert.equal(await count(page), '145 findings');
}));

test('the accessibility tree has landmarks, headings and tables with names', () => read('report', READERS.light, async (page) => {
  const tree = await page.locator('body').ariaSnapshot();
  for (const part of [
    '- banner', '- main', '- contentinfo', 'navigation "Sections"',
    'heading "Cluster https://production.cluster.test:6443" [level=1]',
    'heading "Act now: 4 critical findings" [level=2]',
    'table "Nodes, the worst first"', 'table "Namespaces, the most severe findings first"', 'table "Findings of WouldReject"',
    'form "Filter of findings"', 'searchbox "Text"', 'combobox "Namespace"', 'combobox "Check"', 'group "Severity"', 'checkbox "Critical" [checked]',
    'columnheader "Memory"', 'rowheader "worker-03"', '- status',
  ]) {
    assert.ok(tree.includes(part), `the accessibility tree lacks ${part}:\n${tree.slice(0, 4000)}`);
  }
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
}));

test('in a narrow window, tables are still tables', () => read('report', READERS.narrow, async (page) => {
  const tree = await page.locator('#findings').ariaSnapshot();
  assert.ok(tree.includes('table "Findings of WouldReject"') && tree.includes('cell "Namespace: payments"'), tree.slice(0, 3000));
}));

test('the first Tab skips to the report', () => read('report', READERS['less-motion'], async (page) => {
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  await page.screenshot({ path: `${directory}/report-skip.png` });
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
}));

test('the keyboard filters by text, namespace, check, policy and severity', () => read('report', READERS['less-motion'], async (page) => {
  await tabTo(page, '#f-text');
  await page.keyboard.type('INDEXER memory');
  await counts(page, '130 of 145 findings');
  assert.equal(await visible(page, 'section.check').count(), 1);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'f-namespace');
  await page.keyboard.type('sea');
  await counts(page, '130 of 145 findings');
  await tabTo(page, '#filter button');
  await page.screenshot({ path: `${directory}/report-filtered.png`, fullPage: true });
  await page.keyboard.press('Enter');
  await counts(page, '145 findings');
  await tabTo(page, '#f-check', 600);
  await page.keyboard.type('WouldReject');
  await counts(page, '2 of 145 findings');
  await page.keyboard.press('Tab');
  await page.keyboard.type('gpu');
  await counts(page, '0 of 145 findings');
  await tabTo(page, '#filter button');
  await page.keyboard.press('Enter');
  await counts(page, '145 findings');
  await tabTo(page, '[name=severity][value=Critical]', 600);
  await page.keyboard.press('Space');
  await counts(page, '141 of 145 findings');
  await tabTo(page, '[name=severity][value=High]');
  await page.keyboard.press('Space');
  await counts(page, '5 of 145 findings');
}));

test('a namespace that is the part of another is filtered exactly', () => read('report', READERS['less-motion'], async (page) => {
  await tabTo(page, '#f-namespace');
  await page.keyboard.type('shop');
  await counts(page, '5 of 145 findings');
  await page.keyboard.press('Backspace');
  await counts(page, '6 of 145 findings');
}));

test('the keyboard sorts, and a screen reader hears it', () => read('report', READERS['less-motion'], async (page) => {
  const table = '#check-MemoryLimitMissing table';
  await tabTo(page, `${table} th:nth-child(2) button`, 600);
  const head = page.locator(`${table} th:nth-child(2)`);
  assert.equal(await head.getAttribute('aria-sort'), null);
  await page.keyboard.press('Enter');
  assert.equal(await head.getAttribute('aria-sort'), 'ascending');
  assert.equal(await page.locator('#said').textContent(), 'Sorted by Object, ascending');
  const ascending = await firstCells(page, table, 2);
  assert.deepEqual(ascending.slice(0, 4).map((text) => text.replace('Deployment', '').trim()), ['cart', 'images', 'indexer-1', 'indexer-2']);
  await page.keyboard.press('Space');
  assert.equal(await head.getAttribute('aria-sort'), 'descending');
  assert.match((await firstCells(page, table, 2))[0], /web$/);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  assert.equal(await head.getAttribute('aria-sort'), null, 'a table is sorted by one column');
}));

test('nodes and namespaces are sorted by numbers, the greatest first', () => read('report', READERS['less-motion'], async (page) => {
  await tabTo(page, '.namespaces th:nth-child(3) button', 200);
  await page.keyboard.press('Enter');
  assert.deepEqual((await firstCells(page, '.namespaces', 3)).slice(0, 3), ['130 of 143', '21 of 64', '8 of 31']);
  await page.keyboard.press('Enter');
  assert.equal((await firstCells(page, '.namespaces', 3))[0], 'unknown');
  assert.match((await firstCells(page, '.nodes', 1))[0], /^worker-03/);
  await page.locator('.nodes th:nth-child(2) button').focus();
  await page.keyboard.press('Enter');
  assert.match((await firstCells(page, '.nodes', 1))[1], /^worker-04/);
}));

test('a long table shows a hundred rows, and the rest on demand', () => read('report', READERS['less-motion'], async (page) => {
  const table = '#check-MemoryLimitMissing';
  assert.equal(await visible(page, `${table} tbody tr`).count(), 100);
  await tabTo(page, `${table} .more`, 600);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Show 34 more rows');
  await page.keyboard.press('Enter');
  assert.equal(await visible(page, `${table} tbody tr`).count(), 134);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'check-MemoryLimitMissing-title', 'the focus is lost');
}));

test('links of a namespace and of a node lead to their findings', () => read('report', READERS['less-motion'], async (page) => {
  await tabTo(page, '[data-namespace=payments]', 200);
  await page.keyboard.press('Enter');
  await counts(page, '1 of 145 findings');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'findings-title');
  await page.locator('[data-object=worker-03]').focus();
  await page.keyboard.press('Enter');
  await counts(page, '2 of 145 findings');
  assert.equal(await page.locator('#f-namespace').inputValue(), '');
  await page.locator('.actions a[href="#check-LimitMissing"]').focus();
  await page.keyboard.press('Enter');
  await counts(page, '145 findings');
}));

test('10,000 findings, 5,000 namespaces and 5,000 nodes open and filter', async () => {
  const begin = Date.now();
  await read('large', READERS['less-motion'], async (page) => {
    const opened = Date.now() - begin;
    assert.equal(await count(page), '10,000 findings');
    assert.equal(await visible(page, '.nodes tbody tr').count(), 200);
    const start = Date.now();
    await page.locator('#f-text').fill('service-9999');
    await counts(page, '1 of 10,000 findings');
    const filtered = Date.now() - start;
    const sorting = Date.now();
    await page.locator('#f-text').fill('');
    await counts(page, '10,000 findings');
    await page.locator('#check-MemoryLimitMissing th:nth-child(2) button').click();
    await page.waitForFunction(() => document.querySelector('#check-MemoryLimitMissing th[aria-sort]'));
    const sorted = Date.now() - sorting;
    await page.screenshot({ path: `${directory}/large.png` });
    const size = statSync(`${directory}/large.html`).size;
    console.log(`  large.html: ${(size / 1e6).toFixed(1)} MB, opens in ${opened} ms, filters in ${filtered} ms, sorts in ${sorted} ms`);
    assert.ok(size < 8e6, 'the page is too large');
    assert.ok(opened < 20_000 && filtered < 10_000 && sorted < 10_000, 'the page is too slow');
  });
});

let failed = 0;
for (const [name, run] of tests) {
  try {
    await within(60_000, run());
    console.log(`ok: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED: ${name}\n${error.message}`);
  }
}
await browser.close();
console.log(`${tests.length - failed} of ${tests.length} tests of the report passed`);
process.exitCode = failed === 0 ? 0 : 1;
