// Shows the two reports, and asks for them again every few seconds. What a person does with the page is here; how the API
// is asked and how charts are drawn is beside it.

import { Trouble, ask, itemsPath, monthsPath, readItems, readMonths } from './api.js';
import { drawItems, drawMonths, number } from './charts.js';

const EVERY_MS = 3000;
const PAGE = 50;

const part = (id) => document.getElementById(id);
const instant = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'medium', timeZone: 'UTC' });

/** What was chosen, and what is shown. */
const state = { filters: new URLSearchParams(), upTo: PAGE, item: null, items: [], months: [] };

let timer, asking;

async function refresh() {
  clearTimeout(timer);
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  try {
    const found = await readItems(state.filters, state.upTo, signal);
    const item = state.item ?? found.items[0]?.itemId ?? null;
    const months = item === null ? [] : await readMonths(item, signal);
    if (signal.aborted) return;
    Object.assign(state, { item, months, items: found.items });
    show(found);
    tell('');
  } catch (cause) {
    // Somebody has chosen something else meanwhile.
    if (signal.aborted) return;
    if (!(cause instanceof Trouble)) console.error(cause);
    tell(cause instanceof Trouble ? cause.message : 'This page has a defect; loading it again may help.');
  }
  if (!isPaused() && !document.hidden) timer = setTimeout(refresh, EVERY_MS);
}

const isPaused = () => part('pause').getAttribute('aria-pressed') === 'true';

function tell(trouble) {
  setText(part('trouble'), trouble);
  part('trouble').hidden = trouble === '';
}

/** Nothing is written that is there already: it might be read aloud again, or just be selected. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function show({ more, asOf }) {
  const unknown = 'It is not known up to when this is complete: the event store has not answered yet.';
  setText(part('standing'), asOf ? `As of ${instant.format(new Date(asOf))} UTC.` : unknown);
  part('items').hidden = state.items.length === 0;
  part('items-none').hidden = state.items.length > 0;
  part('more').hidden = !more;
  showItems();
  showMonths();
  draw();
}

/** The rows stay the same elements, so that an update takes the focus from nobody. */
function showItems() {
  const body = part('items').tBodies[0];
  const rows = new Map([...body.rows].map((row) => [row.dataset.item, row]));
  const focused = document.activeElement;
  state.items.forEach((sale, at) => {
    const row = rows.get(sale.itemId) ?? newRow(sale.itemId);
    rows.delete(sale.itemId);
    const figures = [number.format(sale.totalOrdered), number.format(sale.orders), sale.lastOrderDate];
    figures.forEach((figure, cell) => setText(row.cells[cell + 1], figure));
    row.querySelector('button').setAttribute('aria-pressed', String(sale.itemId === state.item));
    if (body.rows[at] !== row) body.insertBefore(row, body.rows[at] ?? null);
  });
  rows.forEach((row) => row.remove());
  if (focused !== document.activeElement) (focused.isConnected ? focused : part('items-title')).focus({ preventScroll: true });
}

function newRow(item) {
  const row = document.createElement('tr');
  row.dataset.item = item;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = item;
  button.addEventListener('click', () => choose(item));
  row.insertCell().append(button);
  for (let cell = 0; cell < 3; cell += 1) row.insertCell();
  return row;
}

function showMonths() {
  const { item, months } = state;
  const none = item === null ? '' : `${item} is in no order.`;
  setText(part('chosen'), months.length > 0 ? `How many of ${item} were ordered.` : none);
  for (const id of ['months', 'months-csv']) part(id).hidden = months.length === 0;
  part('months').tBodies[0].replaceChildren(...months.map(({ label, ordered }) => {
    const row = document.createElement('tr');
    for (const text of [label, number.format(ordered)]) row.insertCell().textContent = text;
    return row;
  }));
}

function draw() {
  drawItems(part('items-chart'), state.items, state.item, choose);
  drawMonths(part('months-chart'), state.months);
}

function choose(item) {
  state.item = item;
  showItems();
  drawItems(part('items-chart'), state.items, item, choose);
  // On a narrow screen they are below.
  part('by-month').scrollIntoView({ block: 'nearest' });
  refresh();
}

function filter() {
  const { from, to, sort } = Object.fromEntries(new FormData(part('filters')));
  if (from && to && to < from) return tell('The last day is before the first.');
  state.filters = new URLSearchParams(Object.entries({ from, to, sort }).filter(([, value]) => value));
  state.upTo = PAGE;
  refresh();
}

async function download(path, name) {
  try {
    const answer = await ask(path, 'text/csv', new AbortController().signal);
    const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(await answer.blob()), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  } catch (cause) {
    tell(cause.message);
  }
}

part('filters').addEventListener('submit', (event) => {
  event.preventDefault();
  filter();
});
// The fields have their old values until this event has passed.
part('filters').addEventListener('reset', () => setTimeout(filter));
part('more').addEventListener('click', () => {
  state.upTo += PAGE;
  refresh();
});
part('items-csv').addEventListener('click', () => download(itemsPath(state.filters), 'item-sales.csv'));
part('months-csv').addEventListener('click', () => download(monthsPath(state.item), `item-sales-${state.item}-monthly.csv`));
part('pause').addEventListener('click', () => {
  part('pause').setAttribute('aria-pressed', String(!isPaused()));
  refresh();
});
document.addEventListener('visibilitychange', () => {
  clearTimeout(timer);
  if (!document.hidden && !isPaused()) refresh();
});
// In the next frame: drawing in the middle of a layout would begin another one.
new ResizeObserver(() => requestAnimationFrame(draw)).observe(document.body);
refresh();
