import { json, type Answer } from '../http/answer.js';
import { ApiError } from '../http/api-error.js';
import type { Incoming } from '../http/call.js';
import { escapeHtml } from '../state/content.js';
import type { Simulation } from '../simulation.js';

const SIZE = { width: 800, height: 600 };

/** `GET /api/v1/oembed`: a view-only embed of a board by its address. */
export function oembed(sim: Simulation, { query }: Incoming): Answer {
  const { url, format = 'json' } = query;
  if (url === undefined || !URL.canParse(url))
    throw new ApiError(400, 'invalidParameters', 'url is missing or no address');
  if (format !== 'json' && format !== 'xml') throw new ApiError(406, 'notAcceptable', 'format must be json or xml');
  const id = /^\/app\/(?:board|live-embed|embed)\/([^/]+)\/?$/.exec(new URL(url).pathname)?.[1];
  const board = id ? sim.world.boards.get(decodeURIComponent(id)) : undefined;
  if (!board || board.deletedAt !== undefined) throw new ApiError(404, 'notFound', 'Board not found');
  const width = sizeOf(query['maxwidth'], SIZE.width);
  const height = sizeOf(query['maxheight'], SIZE.height);
  const source = `https://miro.com/app/live-embed/${board.id}/?embedMode=view_only_without_ui&embedSource=oembed`;
  const frame = `<iframe width="${width}" height="${height}" src="${escapeHtml(source)}" frameborder="0" scrolling="no" allow="fullscreen; clipboard-read; clipboard-write" allowfullscreen></iframe>`;
  const fields = {
    version: '1.0',
    type: 'rich',
    title: board.name,
    provider_name: 'Miro',
    provider_url: 'https://miro.com',
    width,
    height,
    html: frame,
  };
  return format === 'json' ? json(200, fields) : xml(fields);
}

function sizeOf(most: string | undefined, size: number): number {
  const number = Number(most ?? size);
  if (!Number.isInteger(number) || number < 1)
    throw new ApiError(400, 'invalidParameters', 'maxwidth and maxheight must be whole numbers');
  return Math.min(number, size);
}

function xml(fields: Record<string, string | number>): Answer {
  const parts = Object.entries(fields).map(([name, value]) => `<${name}>${escapeHtml(String(value))}</${name}>`);
  const text = `<?xml version="1.0" encoding="utf-8"?><oembed>${parts.join('')}</oembed>`;
  return { status: 200, text, headers: { 'content-type': 'text/xml; charset=utf-8' } };
}
