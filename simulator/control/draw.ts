import type { Answer } from '../http/answer.js';
import { boardNotFound } from '../http/api-error.js';
import { absolutePosition, type Point } from '../state/geometry.js';
import { escapeHtml as escape, plainText } from '../state/content.js';
import type { Simulation } from '../simulation.js';
import type { Board, Connector, ConnectorEnd, Item, Tag } from '../state/board.js';
import { STICKY_COLOURS, TAG_COLOURS } from './colours.js';
import { shapeOutline } from './outlines.js';

const MARGIN = 80;
const FONT = 'Helvetica, Arial, "Noto Sans", "Noto Sans JP", sans-serif';

/** A picture of the board as people see it. */
export function drawBoard(sim: Simulation, id: string): Answer {
  const board = sim.world.boards.get(id);
  if (!board) throw boardNotFound();
  const items = [...board.items.values()];
  const { x, y, width, height } = extent(board, items);
  // frames lie below what is on them
  const layers = [...items.filter((i) => i.type === 'frame'), ...items.filter((i) => i.type !== 'frame')];
  const text = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${x} ${y} ${width} ${height}" width="${Math.min(width, 2400)}" font-family="${escape(FONT)}">`,
    `<title>${escape(board.name)}</title>`,
    DEFINITIONS,
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="#f2f2f2"/>`,
    ...layers.map((item) => drawItem(board, item)),
    ...[...board.connectors.values()].map((connector) => drawConnector(board, connector)),
    '</svg>',
  ].join('\n');
  return { status: 200, text, headers: { 'content-type': 'image/svg+xml; charset=utf-8' } };
}

const DEFINITIONS = `<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0 L10 5 L0 10 L3 5 z" fill="context-stroke"/></marker>
<filter id="shadow" x="-20%" y="-20%" width="140%" height="150%"><feDropShadow dx="0" dy="6" stdDeviation="6" flood-opacity="0.22"/></filter></defs>`;

function extent(board: Board, items: Item[]): { x: number; y: number; width: number; height: number } {
  if (items.length === 0) return { x: -400, y: -300, width: 800, height: 600 };
  const boxes = items.map((item) => ({ ...absolutePosition(board, item), ...item.geometry }));
  const left = Math.min(...boxes.map((b) => b.x - b.width / 2)) - MARGIN;
  const top = Math.min(...boxes.map((b) => b.y - b.height / 2)) - MARGIN;
  const right = Math.max(...boxes.map((b) => b.x + b.width / 2)) + MARGIN;
  const bottom = Math.max(...boxes.map((b) => b.y + b.height / 2)) + MARGIN;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function drawItem(board: Board, item: Item): string {
  const { x, y } = absolutePosition(board, item);
  const turn = item.geometry.rotation ? ` rotate(${item.geometry.rotation})` : '';
  return `<g transform="translate(${x} ${y})${turn}">${body(item)}${tagsOf(board, item)}</g>`;
}

function body(item: Item): string {
  switch (item.type) {
    case 'frame':
      return drawFrame(item);
    case 'sticky_note':
      return (
        box(item, STICKY_COLOURS[value(item.style, 'fillColor')] ?? '#f5f6f8', 'filter="url(#shadow)"') +
        words(item, content(item))
      );
    case 'shape':
      return drawShape(item);
    case 'text':
      return words(item, content(item), Number(value(item.style, 'fontSize') || 14));
    case 'card':
    case 'app_card':
      return drawCard(item);
    default:
      return (
        box(item, '#ffffff', 'stroke="#c3c2cf" rx="6"') +
        words(item, `${item.type}\n${value(item.data, 'title') || value(item.data, 'url')}`)
      );
  }
}

function value(fields: Record<string, unknown> | undefined, name: string): string {
  const found = fields?.[name];
  return typeof found === 'string' ? found : '';
}
const content = (item: Item): string => plainText(value(item.data, 'content'));

function box({ geometry: { width, height } }: Item, fill: string, more = ''): string {
  return `<rect x="${-width / 2}" y="${-height / 2}" width="${width}" height="${height}" fill="${escape(fill)}" ${more}/>`;
}

function drawFrame(item: Item): string {
  const { width, height } = item.geometry;
  const title = escape(plainText(value(item.data, 'title')));
  const size = Math.max(14, Math.min(28, width / 25));
  const fill = value(item.style, 'fillColor') || '#ffffff';
  return `${box(item, fill, 'stroke="#d5d4dc"')}<text x="${-width / 2}" y="${-height / 2 - 10}" font-size="${size}" fill="#6f6e7d">${title}</text>`;
}

function drawShape(item: Item): string {
  const fill = value(item.style, 'fillColor') || 'none';
  const look = `fill="${escape(fill)}" fill-opacity="${escape(value(item.style, 'fillOpacity'))}" stroke="${escape(value(item.style, 'borderColor'))}" stroke-width="${escape(value(item.style, 'borderWidth'))}"`;
  const outline = shapeOutline(value(item.data, 'shape'), item.geometry, look);
  return outline + words(item, content(item), Number(value(item.style, 'fontSize') || 14), value(item.style, 'color'));
}

function drawCard(item: Item): string {
  const { width, height } = item.geometry;
  const theme = value(item.style, 'cardTheme') || value(item.style, 'fillColor') || '#2d9bf0';
  const bar = `<rect x="${-width / 2}" y="${-height / 2}" width="6" height="${height}" fill="${escape(theme)}"/>`;
  const title = plainText(value(item.data, 'title'));
  const description = plainText(value(item.data, 'description'));
  return (
    box(item, '#ffffff', 'filter="url(#shadow)" rx="6"') +
    bar +
    words(item, description ? `${title}\n${description}` : title, 14)
  );
}

/** Wraps text into the item's width, centred; the size shrinks until the lines fit. */
function words(item: Item, text: string, wanted?: number, colour = '#1a1a1a'): string {
  const { width, height } = item.geometry;
  let size = wanted ?? Math.min(28, height / 6);
  let lines = wrap(text, width - 16, size);
  while (lines.length * size * 1.25 > height - 8 && size > 6) {
    size -= 1;
    lines = wrap(text, width - 16, size);
  }
  const top = -((lines.length - 1) * size * 1.25) / 2 + size * 0.35;
  const spans = lines.map(
    (line, i) => `<tspan x="0" y="${(top + i * size * 1.25).toFixed(1)}">${escape(line)}</tspan>`,
  );
  return `<text text-anchor="middle" font-size="${size}" fill="${escape(colour || '#1a1a1a')}">${spans.join('')}</text>`;
}

function wrap(text: string, width: number, size: number): string[] {
  const most = Math.max(4, Math.floor(width / (size * 0.55)));
  return text.split('\n').flatMap((line) => wrapLine(line, most));
}

function wrapLine(line: string, most: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ').flatMap((w) => w.match(new RegExp(`.{1,${most}}`, 'gu')) ?? [''])) {
    if (current && current.length + 1 + word.length > most) {
      lines.push(current);
      current = word;
    } else current = current ? `${current} ${word}` : word;
  }
  return [...lines, current];
}

function tagsOf(board: Board, item: Item): string {
  const { width, height } = item.geometry;
  const tags = item.tagIds.map((id) => board.tags.get(id)).filter((tag): tag is Tag => tag !== undefined);
  return tags
    .map((tag, i) => {
      const label = tag.title.length > 16 ? `${tag.title.slice(0, 15)}…` : tag.title;
      const at = `x="${-width / 2 + 6}" y="${height / 2 - 20 - i * 18}"`;
      const chip = `<rect ${at} width="${label.length * 6.2 + 12}" height="15" rx="4" fill="${TAG_COLOURS[tag.fillColor] ?? '#808080'}"/>`;
      return `${chip}<text x="${-width / 2 + 12}" y="${height / 2 - 9 - i * 18}" font-size="10" fill="#ffffff">${escape(label)}</text>`;
    })
    .join('');
}

function drawConnector(board: Board, connector: Connector): string {
  const from = endPoint(board, connector.startItem, connector.endItem);
  const to = endPoint(board, connector.endItem, connector.startItem);
  if (!from || !to) return '';
  const stroke = escape(value(connector.style, 'strokeColor'));
  const dash = value(connector.style, 'strokeStyle') === 'normal' ? '' : ' stroke-dasharray="8 6"';
  const caps = `${cap(connector, 'startStrokeCap', 'marker-start')}${cap(connector, 'endStrokeCap', 'marker-end')}`;
  const width = Math.max(1.5, Number(value(connector.style, 'strokeWidth')));
  const path = `<path d="${route(connector.shape, from, to)}" fill="none" stroke="${stroke}" stroke-width="${width}"${dash}${caps}/>`;
  return (
    path + connector.captions.map((caption) => drawCaption(plainText(value(caption, 'content')), from, to)).join('')
  );
}

const cap = (connector: Connector, name: string, marker: string): string =>
  value(connector.style, name) === 'none' ? '' : ` ${marker}="url(#arrow)"`;

function route(shape: string, a: Point, b: Point): string {
  if (shape === 'straight') return `M${a.x} ${a.y} L${b.x} ${b.y}`;
  const middle = (a.x + b.x) / 2;
  if (shape === 'elbowed') return `M${a.x} ${a.y} H${middle} V${b.y} H${b.x}`;
  return `M${a.x} ${a.y} C${middle} ${a.y} ${middle} ${b.y} ${b.x} ${b.y}`;
}

function drawCaption(text: string, a: Point, b: Point): string {
  const x = (a.x + b.x) / 2;
  const y = (a.y + b.y) / 2;
  const width = text.length * 7 + 10;
  return `<rect x="${x - width / 2}" y="${y - 10}" width="${width}" height="20" fill="#f2f2f2"/><text x="${x}" y="${y + 4}" text-anchor="middle" font-size="13">${escape(text)}</text>`;
}

/** Where a connector touches its item: at its fixed place, or where the line towards the other end leaves the box. */
function endPoint(board: Board, end: ConnectorEnd | undefined, other: ConnectorEnd | undefined): Point | undefined {
  const item = board.items.get(end?.id ?? '');
  if (!end || !item) return undefined;
  const centre = absolutePosition(board, item);
  const { width, height } = item.geometry;
  const share = { x: parseFloat(end.position.x) / 100 - 0.5, y: parseFloat(end.position.y) / 100 - 0.5 };
  const target = board.items.get(other?.id ?? '');
  if (share.x !== 0 || share.y !== 0 || !target)
    return { x: centre.x + share.x * width, y: centre.y + share.y * height };
  const aim = absolutePosition(board, target);
  const dx = aim.x - centre.x;
  const dy = aim.y - centre.y;
  const scale = Math.min(width / 2 / (Math.abs(dx) || 1e-9), height / 2 / (Math.abs(dy) || 1e-9), 1);
  return { x: centre.x + dx * scale, y: centre.y + dy * scale };
}
