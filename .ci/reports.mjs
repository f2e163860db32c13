// Uses the page of the reports as a person does, in a real browser: looks at it, chooses an item with the keyboard alone,
// waits for news without a reload, makes the window narrow, filters, and meets errors. Fails on anything in the console,
// and on a request to another host. Places an order of its own, through the API.
//
//   node reports.mjs http://127.0.0.1:8085/orders/reports/ [folder for screenshots]
import { createRequire } from 'node:module';

const { chromium } = createRequire(`${process.env.NODE_TOOLS ?? process.cwd()}/`)('playwright-core');
const [url, screenshots] = process.argv.slice(2);
const origin = new URL(url).origin;
const faults = [];

function check(what, holds, seen = '') {
  console.log(`  ${holds ? 'ok  ' : 'FAIL'} ${what}${holds || seen === '' ? '' : `: ${seen}`}`);
  if (!holds) faults.push(what);
}

async function place(itemId, quantity) {
  const answer = await fetch(`${origin}/orders`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ customerId: '12345', items: [{ itemId, quantity }] }),
  });
  if (answer.status !== 201) throw new Error(`the order was not placed: ${answer.status} ${await answer.text()}`);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

/** A page that nothing may go wrong on. */
async function open(viewport) {
  const page = await browser.newPage({ viewport });
  page.setDefaultTimeout(20000);
  page.on('pageerror', (error) => faults.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const to = new URL(request.url());
    if (['http:', 'https:'].includes(to.protocol) && to.origin !== origin) faults.push(`request to another host: ${to.origin}`);
  });
  await page.goto(url);
  await page.locator('#items tbody tr').first().waitFor();
  return page;
}

const shot = (page, name) => (screenshots ? page.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true }) : undefined);
const text = (page, selector) => page.locator(selector).textContent();
const focused = (page) => page.evaluate(() => document.activeElement?.closest('#items tbody tr')?.dataset.item ?? null);

/** Presses Tab until the button of this item has the focus. */
async function tabTo(page, item) {
  for (let pressed = 0; pressed < 300; pressed += 1) {
    if (await focused(page) === item) return true;
    await page.keyboard.press('Tab');
  }
  return false;
}

const mine = `browser-check-${Date.now()}`;
const other = `${mine}-2`;
await place(mine, 10000);
const page = await open({ width: 1200, height: 1000 });
console.log(url);

await page.waitForFunction(() => document.querySelector('#standing').textContent.startsWith('As of '));
check('it has a language, a title and one main heading', await page.evaluate(() =>
  document.documentElement.lang === 'en' && document.title !== '' && document.querySelectorAll('h1').length === 1));
check('it shows a bar for items and a column for months', await page.locator('#items-chart .bar').count() > 0
  && await page.locator('#months-chart .bar').count() > 0);
check('each chart has a name and a table beside it', await page.locator('.chart svg[role=img][aria-label]').count() === 2
  && await page.locator('table:visible').count() === 2);
await shot(page, 'wide');

await page.evaluate(() => { window.stillTheSame = true; });
await place(other, 9999);
const news = page.locator(`#items tr[data-item="${other}"]`);
await news.waitFor();
check('what is ordered meanwhile appears without a reload', await page.evaluate(() => window.stillTheSame === true));
check('with how many of it', (await news.locator('td').nth(1).textContent()) === '9,999');

await page.locator('h1').click();
check('an item is reached with the Tab key', await tabTo(page, other), await focused(page));
check('where the focus is can be seen', await page.evaluate(() =>
  getComputedStyle(document.activeElement).outlineStyle === 'solid'));
await page.keyboard.press('Enter');
await page.waitForFunction((item) => document.querySelector('#chosen').textContent.includes(item), other);
check('Enter shows its months', (await page.locator('#months tbody tr').count()) === 1
  && (await text(page, '#months tbody td:nth-child(2)')) === '9,999');
await place(other, 1);
await page.waitForFunction(() => document.querySelector('#months tbody td:nth-child(2)').textContent === '10,000');
check('an update leaves the focus where it was', await focused(page) === other);
await shot(page, 'chosen');

await page.setViewportSize({ width: 360, height: 740 });
await page.waitForTimeout(300);
const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
check('a narrow screen is not scrolled sideways', wide <= 360, `${wide} px`);
await shot(page, 'narrow');

await page.setViewportSize({ width: 1200, height: 1000 });
await page.locator('[name=from]').fill('2026-11-02');
await page.locator('[name=to]').fill('2026-11-01');
await page.keyboard.press('Enter');
check('days in the wrong order are told in words', (await text(page, '#trouble')) === 'The last day is before the first.');
await page.locator('[name=from]').fill('1999-01-01');
await page.locator('[name=to]').fill('1999-12-31');
await page.keyboard.press('Enter');
await page.locator('#items-none').waitFor();
check('days without orders are told in words', await page.locator('#trouble').isHidden());
await page.getByRole('button', { name: 'Show all days' }).click();
await page.locator(`#items tr[data-item="${other}"]`).waitFor();
await page.locator('[name=sort]').selectOption('item');
await page.getByRole('button', { name: 'Show', exact: true }).click();
await page.waitForFunction(() => {
  const items = [...document.querySelectorAll('#items tbody tr')].map((row) => row.dataset.item);
  return items.length > 1 && items.every((item, at) => at === 0 || items[at - 1] < item);
});
check('the items can be sorted by name', true);

const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#months-csv').click()]);
const chunks = [];
for await (const chunk of await download.createReadStream()) chunks.push(chunk);
const csv = Buffer.concat(chunks).toString();
check('a report is saved as CSV', csv.startsWith('month,label,ordered\r\n') && csv.includes(',10000\r\n'), csv);

await page.getByRole('button', { name: 'Pause updates' }).click();
const asked = [];
await page.waitForTimeout(1000);
page.on('request', (request) => asked.push(request.url()));
await page.waitForTimeout(5000);
check('paused, it asks for nothing', asked.length === 0, asked.join(' '));
await page.close();

// From here on the browser itself complains about the answers, in its console.
const unlucky = await browser.newPage();
unlucky.setDefaultTimeout(20000);
const detail = 'the copy of the sales has not yet reached the end of its log';
await unlucky.route('**/item-sales?*', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ detail }) }));
await unlucky.goto(url);
await unlucky.waitForFunction((words) => document.querySelector('#trouble').textContent.includes(words), detail);
check('a refusal is told in its words', await unlucky.locator('#trouble').isVisible());
await unlucky.unrouteAll();
await unlucky.locator('#items tbody tr').first().waitFor();
check('and forgotten when it has passed', await unlucky.locator('#trouble').isHidden());
await browser.close();

console.log(faults.length ? faults.map((fault) => `FAIL ${fault}`).join('\n') : 'the page does what it should; nothing in the console; no other host was asked');
process.exit(faults.length ? 1 : 0);
