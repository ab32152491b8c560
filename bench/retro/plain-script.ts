/** What one would write without us: the official clients in one loop after the other, nothing remembered. */
import { MiroLowlevelApi } from '@mirohq/miro-api';
import { escapeHtml, toPlain } from '../../jobs/provision-board/html.js';
import { ROWS_IN_TEXT } from '../../jobs/retro-to-tickets/row-html.js';
import type { BenchTracker, PlainTicket } from './trackers.js';

/** How a call is sent, and sent again. */
export type Sending = <T>(call: () => Promise<T>) => Promise<T>;

export const once: Sending = (call) => call();

const TRIES = 3;

/** Whatever goes wrong, the same again. */
export const again: Sending = async (call) => {
  for (let n = 1; ; n += 1) {
    try {
      return await call();
    } catch (error) {
      if (n === TRIES) throw error;
    }
  }
};

/** The body that a method of the client takes: its types name fewer values than Miro does. */
type Bodies = Parameters<MiroLowlevelApi['createItems']>[1];

interface Row {
  title: string;
  ticket: PlainTicket;
}

const FRAME_WIDTH = 2_000;

export interface PlainOptions {
  miro: { url: string; accessToken: string };
  tracker: BenchTracker;
  send: Sending;
}

/** A ticket for each sticky, a tag on each, and a frame with a linked row for each. What a call cannot do is left out, as such scripts do. */
export async function plainRetro({ miro, tracker, send }: PlainOptions, boardId: string): Promise<void> {
  const api = new MiroLowlevelApi(miro.accessToken, miro.url);
  const orSkip = <T>(call: () => Promise<T>): Promise<T | undefined> => send(call).catch(() => undefined);
  const tag = await orSkip(() => api.createTag(boardId, { title: 'ticketed', fillColor: 'green' }));
  const rows: Row[] = [];
  for (const { id, text } of await stickiesOf(api, boardId, send)) {
    const ticket = await orSkip(() =>
      tracker.create(text, `From ${miro.url}/app/board/${boardId}/?moveToWidget=${id}`),
    );
    if (!ticket) continue;
    rows.push({ title: text, ticket });
    if (tag) await orSkip(() => api.attachTagToItem(boardId, id, tag.body.id));
  }
  const texts = textsOf(rows);
  const frame = await orSkip(() =>
    api.createFrameItem(boardId, {
      data: { title: 'Tickets', format: 'custom', type: 'freeform' },
      position: { x: -FRAME_WIDTH, y: 0 },
      geometry: { width: FRAME_WIDTH, height: 600 * texts.length },
    }),
  );
  const parent = frame ? { parent: { id: frame.body.id } } : {};
  const bodies = texts.map((content, n) => ({
    ...{ type: 'text', data: { content }, position: { x: FRAME_WIDTH / 2, y: 300 + 600 * n }, ...parent },
  }));
  for (let from = 0; from < bodies.length; from += 20)
    await orSkip(() => api.createItems(boardId, bodies.slice(from, from + 20) as object as Bodies));
}

async function stickiesOf(
  api: MiroLowlevelApi,
  boardId: string,
  send: Sending,
): Promise<{ id: string; text: string }[]> {
  const found: { id: string; text: string }[] = [];
  let cursor: string | undefined;
  do {
    const after = cursor === undefined ? {} : { cursor };
    const { body } = await send(() => api.getItems(boardId, { limit: '50', type: 'sticky_note', ...after }));
    for (const { id, data } of body.data ?? [])
      found.push({ id, text: toPlain((data as { content?: string } | undefined)?.content ?? '') });
    cursor = body.cursor;
  } while (cursor !== undefined);
  return found;
}

const textsOf = (rows: Row[]): string[] =>
  Array.from({ length: Math.ceil(rows.length / ROWS_IN_TEXT) }, (_, n) =>
    rows
      .slice(n * ROWS_IN_TEXT, (n + 1) * ROWS_IN_TEXT)
      .map(({ title, ticket: { key, url } }) => `<p><a href="${escapeHtml(url)}">${key}</a> ${escapeHtml(title)}</p>`)
      .join(''),
  );
