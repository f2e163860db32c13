// Draws the figures as SVG. They are only ever text or lengths: nothing that the API says can become markup. Who does not
// see a chart is led to the table below it, which has the same figures.

const SVG = 'http://www.w3.org/2000/svg';
const BARS = 15;
const COLUMNS = 24;
const WIDEST_COLUMN = 56;
/** About as wide as a character is, in pixels. */
const CHARACTER = 8;

export const number = new Intl.NumberFormat('en');

function add(parent, name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([attribute, value]) => element.setAttribute(attribute, value));
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

/** An empty chart as wide as its place. */
function chart(place, height, name) {
  place.replaceChildren();
  const width = Math.max(place.clientWidth, 200);
  const label = `${name}. The table below has the figures.`;
  return { width, root: add(place, 'svg', { viewBox: `0 0 ${width} ${height}`, height, role: 'img', 'aria-label': label }) };
}

/** A bar for each of the first items; a click on one chooses it, as its button in the table does. */
export function drawItems(place, sales, chosen, choose) {
  const ROW = 38;
  const items = sales.slice(0, BARS);
  if (items.length === 0) return place.replaceChildren();
  const most = Math.max(...items.map((sale) => sale.totalOrdered));
  const { root, width } = chart(place, items.length * ROW, `How many of ${items.length} items were ordered, as bars`);
  items.forEach((sale, at) => {
    const kind = sale.itemId === chosen ? 'choice chosen' : 'choice';
    const row = add(root, 'g', { transform: `translate(0 ${at * ROW})`, class: kind });
    const count = number.format(sale.totalOrdered);
    const room = Math.floor(width / CHARACTER) - count.length - 2;
    add(row, 'rect', { class: 'ground', width, height: ROW, 'pointer-events': 'all' });
    add(row, 'text', { class: 'id', y: 14 }, shortened(sale.itemId, room));
    add(row, 'text', { x: width, y: 14, 'text-anchor': 'end' }, count);
    add(row, 'rect', { class: 'bar', y: 19, height: 12, width: Math.max(2, (width * sale.totalOrdered) / most) });
    row.addEventListener('click', () => choose(sale.itemId));
  });
}

/** A column for each of the newest months. */
export function drawMonths(place, newestFirst) {
  const [HEIGHT, TOP, ROOM] = [220, 20, 176];
  const months = continuous(newestFirst).slice(-COLUMNS);
  if (months.length === 0) return place.replaceChildren();
  const most = Math.max(...months.map((month) => month.ordered));
  const { root, width } = chart(place, HEIGHT, `How many were ordered in ${months.length} months, as columns`);
  const step = width / months.length;
  // The newest month has a label, and as many before it as there is room for.
  const every = Math.ceil((CHARACTER * 8) / step);
  months.forEach(({ month, ordered }, at) => {
    const [height, x] = [(ROOM * ordered) / most, (at + 0.5) * step];
    const middle = { x, 'text-anchor': 'middle' };
    const count = number.format(ordered);
    const wide = Math.min(step * 0.7, WIDEST_COLUMN);
    add(root, 'rect', { class: 'bar', x: x - wide / 2, y: TOP + ROOM - height, width: wide, height });
    if (ordered > 0 && count.length * CHARACTER < step) add(root, 'text', { ...middle, y: TOP + ROOM - height - 5 }, count);
    const inside = Math.min(Math.max(x, CHARACTER * 3.5), width - CHARACTER * 3.5);
    if ((months.length - 1 - at) % every === 0) add(root, 'text', { ...middle, x: inside, y: HEIGHT - 6 }, month);
  });
  add(root, 'line', { class: 'axis', x1: 0, x2: width, y1: TOP + ROOM, y2: TOP + ROOM });
}

/** Oldest first, with the months between that have nothing: a gap in time is shown as one. */
function continuous(newestFirst) {
  const months = [];
  const longest = COLUMNS;
  for (const month of newestFirst) {
    let before = months[0] && monthBefore(months[0].month);
    for (; before > month.month && months.length < longest; before = monthBefore(before)) months.unshift({ month: before, ordered: 0 });
    if (months.length >= longest) break;
    months.unshift(month);
  }
  return months;
}

function monthBefore(month) {
  const [year, of] = month.split('-').map(Number);
  const digits = (value, count) => String(value).padStart(count, '0');
  return of === 1 ? `${digits(year - 1, 4)}-12` : `${digits(year, 4)}-${digits(of - 1, 2)}`;
}

const shortened = (text, room) => (text.length > room ? `${text.slice(0, Math.max(1, room - 1))}…` : text);
