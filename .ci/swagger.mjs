// Presses "Try it out" and "Execute" for every operation of a Swagger page, unedited, in a real browser, and compares
// the status with the operation's documented success. Fails on anything in the console, and on a request to another
// host.
//
//   node swagger.mjs http://127.0.0.1:8080/swagger-ui/ [screenshot.png]
import { createRequire } from 'node:module';

const { chromium } = createRequire(`${process.env.NODE_TOOLS ?? process.cwd()}/`)('playwright-core');
const [page_url, screenshot] = process.argv.slice(2);
const origin = new URL(page_url).origin;
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const faults = [];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage({ viewport: { width: 1200, height: 1600 } });
page.setDefaultTimeout(10000);
page.on('pageerror', (error) => faults.push(`page error: ${error.message}`));
page.on('request', (request) => {
  const to = new URL(request.url());
  if (['http:', 'https:'].includes(to.protocol) && to.origin !== origin) faults.push(`request to another host: ${to.origin}`);
});

page.on('console', (message) => {
  if (message.type() === 'error') faults.push(`console: ${message.text()}`);
});

await page.goto(page_url, { waitUntil: 'networkidle' });
const spec_url = await page.evaluate(() => window.ui?.specSelectors?.url?.() ?? '/openapi.json');
const spec = await (await fetch(new URL(spec_url, page_url))).json();
const operations = Object.entries(spec.paths).flatMap(([path, item]) =>
  METHODS.filter((method) => item[method]).map((method) => ({ path, method, ...item[method] })));
console.log(`${page_url}: ${operations.length} operations`);

for (const operation of operations) {
  const name = `${operation.method.toUpperCase()} ${operation.path} (${operation.operationId})`;
  const success = Object.keys(operation.responses).filter((status) => /^[23]/.test(status));
  try {
    const block = page.locator(`.opblock[id$="-${operation.operationId}"]`);
    await block.locator(".opblock-summary").click();
    await block.getByRole('button', { name: 'Try it out' }).click();
    const answer = page.waitForResponse((response) => response.request().method() === operation.method.toUpperCase()
      && !response.url().endsWith('openapi.json'), { timeout: 40000 });
    await block.locator('button.execute').click();
    const status = String((await answer).status());
    await block.locator('.live-responses-table .response-col_status').first().waitFor({ timeout: 10000 });
    console.log(`  ${success.includes(status) ? 'ok  ' : 'FAIL'} ${name}: ${status}`);
    if (!success.includes(status)) faults.push(`${name}: answered ${status}, documented are ${success.join(', ')}`);
    await block.locator(".opblock-summary").click();
  } catch (error) {
    faults.push(`${name}: ${error.message.split('\n')[0]}`);
  }
}
if (screenshot) await page.screenshot({ path: screenshot, fullPage: false });
await browser.close();
console.log(faults.length ? faults.map((fault) => `FAIL ${fault}`).join('\n') : 'every operation succeeded unedited; nothing in the console; no other host was asked');
process.exit(faults.length ? 1 : 0);
