// Asks the API that this page stands beside, and no other host.

const GIVE_UP_MS = 15000;
const LONGEST_PAGE = 200;

/** Something that the reader of the page should know, in words. */
export class Trouble extends Error {}

/** The answer; a refusal and a silence are Trouble. */
export async function ask(path, accept, signal) {
  const answer = await sent(path, accept, signal);
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  throw new Trouble(`The report cannot be read now: ${problem.detail ?? `the service answered ${answer.status}`}.`);
}

async function sent(path, accept, signal) {
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(GIVE_UP_MS)]);
    return await fetch(path, { headers: { Accept: accept }, signal: patience });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new Trouble('The service does not answer. What is shown may be out of date; the page keeps trying.');
  }
}

const json = async (path, signal) => (await ask(path, 'application/json', signal)).json();

export const itemsPath = (filters) => `item-sales?${filters}`;
export const monthsPath = (item) => `item-sales/${encodeURIComponent(item)}/monthly`;

/** The items that match, page after page, until there are `upTo` of them. */
export async function readItems(filters, upTo, signal) {
  const found = new Map();
  let cursor, asOf;
  do {
    const query = new URLSearchParams(filters);
    query.set('limit', Math.min(upTo, LONGEST_PAGE));
    if (cursor) query.set('cursor', cursor);
    const page = await json(itemsPath(query), signal);
    // What changes between two pages can stand on both; the later one is newer.
    for (const sale of page.items) found.set(sale.itemId, sale);
    asOf ??= page.asOf;
    cursor = page.next;
  } while (cursor && found.size < upTo);
  return { items: [...found.values()], more: Boolean(cursor), asOf };
}

/** The months of an item, newest first. */
export const readMonths = (item, signal) => json(monthsPath(item), signal);
