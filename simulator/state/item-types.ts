import { invalidField } from '../http/api-error.js';
import { paragraphs, plainText, sanitise } from './content.js';
import type { Geometry } from './board.js';

type Values = Record<string, unknown>;
export type SentGeometry = Partial<Geometry>;

/** How one type of item is filled in where the request leaves things out. */
export interface ItemType {
  type: string;
  data: Values;
  style?: Values;
  /** From what was sent, and the geometry so far for updates. */
  geometry: (sent: SentGeometry, data: Values, style: Values, before?: Geometry) => Geometry;
  /** Parts of `data` that hold HTML. */
  html: Record<string, (content: string) => string>;
  /** Turns what was sent into what is answered, such as the address of a stored file. */
  stored?: (data: Values, id: string) => Values;
}

const free =
  (width: number, height: number, smallest: number) =>
  (sent: SentGeometry, _data: Values, _style: Values, before?: Geometry): Geometry => {
    const size = { width: sent.width ?? before?.width ?? width, height: sent.height ?? before?.height ?? height };
    requireAtLeast(size, smallest);
    return { ...size, ...rotation(sent, before) };
  };

function requireAtLeast(size: { width: number; height: number }, smallest: number): void {
  for (const side of ['width', 'height'] as const)
    if (size[side] < smallest)
      throw invalidField(`geometry.${side}`, `Field [geometry.${side}] must be at least ${smallest}`);
}

const rotation = (sent: SentGeometry, before?: Geometry): { rotation?: number } => {
  const turned = sent.rotation ?? before?.rotation;
  return turned ? { rotation: turned } : {};
};

/** Width or height, never both: the other side follows the item's proportions. */
const proportional =
  (sizeOf: (data: Values) => { width: number; height: number }) =>
  (sent: SentGeometry, data: Values, _style: Values, before?: Geometry): Geometry => {
    if (sent.width !== undefined && sent.height !== undefined)
      throw invalidField('geometry', 'Only one of [geometry.width] and [geometry.height] can be set');
    const natural = sizeOf(data);
    const byHeight = sent.height === undefined ? undefined : (sent.height * natural.width) / natural.height;
    const width = sent.width ?? byHeight ?? before?.width ?? natural.width;
    const height = sent.height ?? (width * natural.height) / natural.width;
    requireAtLeast({ width, height }, 1);
    return { width, height, ...rotation(sent, before) };
  };

// https://developers.miro.com/docs/websdk-reference-sticky-note (read 2026-11-22)
const stickySize = (data: Values): { width: number; height: number } =>
  data['shape'] === 'rectangle' ? { width: 350, height: 228 } : { width: 199, height: 228 };

/** Text sets its width; the height follows from the lines that the words need. */
function textGeometry(sent: SentGeometry, data: Values, style: Values, before?: Geometry): Geometry {
  const fontSize = Number(style['fontSize'] ?? 14);
  const lines = plainText(data['content'] as string).split('\n');
  const letter = fontSize * 0.55;
  const natural = lines.reduce((most, line) => Math.max(most, line.length), 0) * letter + fontSize;
  const smallest = fontSize * 1.7;
  if (sent.width !== undefined && sent.width < smallest)
    throw invalidField('geometry.width', `Field [geometry.width] must be at least ${smallest}`);
  const width = sent.width ?? before?.width ?? Math.max(smallest, natural);
  const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil((line.length * letter) / width)), 0);
  return { width, height: Math.round(rows * fontSize * 1.43), ...rotation(sent, before) };
}

const shapeStyle = {
  fillColor: '#ffffff',
  fillOpacity: '0.0',
  fontFamily: 'arial',
  fontSize: '14',
  borderColor: '#1a1a1a',
  borderWidth: '2.0',
  borderOpacity: '1.0',
  borderStyle: 'normal',
  textAlign: 'center',
  textAlignVertical: 'top',
  color: '#1a1a1a',
};

const url =
  (kind: string) =>
  (data: Values, id: string): Values => {
    const { url: source, altText: _, ...rest } = data;
    if (source === undefined) return rest;
    return {
      ...rest,
      [`${kind}Url`]: `https://api.miro.com/v2/resources/${kind}s/${id}?format=preview&redirect=false`,
    };
  };

const TYPES: ItemType[] = [
  {
    type: 'sticky_note',
    data: { content: '', shape: 'square' },
    style: { fillColor: 'light_yellow', textAlign: 'center', textAlignVertical: 'top' },
    geometry: proportional(stickySize),
    html: { content: paragraphs },
  },
  {
    type: 'shape',
    data: { content: '', shape: 'rectangle' },
    style: shapeStyle,
    geometry: free(100, 100, 8),
    html: { content: paragraphs },
  },
  {
    type: 'text',
    data: {},
    style: {
      color: '#1a1a1a',
      fillColor: '#ffffff',
      fillOpacity: '0.0',
      fontFamily: 'arial',
      fontSize: '14',
      textAlign: 'left',
    },
    geometry: textGeometry,
    html: { content: paragraphs },
  },
  {
    type: 'frame',
    data: { title: 'Sample frame title', format: 'custom', type: 'freeform', showContent: true },
    style: { fillColor: '#ffffffff' },
    geometry: free(800, 450, 100),
    html: {},
  },
  {
    type: 'card',
    data: { title: 'sample card item' },
    style: { cardTheme: '#2d9bf0' },
    geometry: free(320, 94, 8),
    html: { title: sanitise, description: sanitise },
  },
  {
    type: 'app_card',
    data: { title: 'sample app card item', status: 'disconnected' },
    style: { fillColor: '#2d9bf0' },
    geometry: free(320, 94, 8),
    html: { title: sanitise, description: sanitise },
  },
  {
    type: 'embed',
    data: { mode: 'inline' },
    geometry: proportional(() => ({ width: 480, height: 270 })),
    html: {},
    stored: (data) => ({ ...data, contentType: 'text/html', providerName: hostOf(data), providerUrl: originOf(data) }),
  },
  {
    type: 'image',
    data: { title: '' },
    geometry: proportional(() => ({ width: 400, height: 300 })),
    html: {},
    stored: url('image'),
  },
  {
    type: 'document',
    data: { title: '' },
    geometry: proportional(() => ({ width: 300, height: 424 })),
    html: {},
    stored: url('document'),
  },
  {
    type: 'mindmap_node',
    data: {},
    geometry: free(120, 40, 1),
    html: {},
  },
  {
    type: 'code_widget',
    data: { code: '', language: 'plain_text', lineNumbersVisible: true, title: '' },
    geometry: free(500, 300, 8),
    html: {},
  },
  {
    type: 'doc_format',
    data: {},
    geometry: free(600, 800, 8),
    html: {},
  },
];

const address = (data: Values): URL | undefined =>
  URL.canParse(String(data['url'])) ? new URL(String(data['url'])) : undefined;
const hostOf = (data: Values): string => address(data)?.host ?? '';
const originOf = (data: Values): string => address(data)?.origin ?? '';

const BY_NAME = new Map(TYPES.map((each) => [each.type, each]));

/** @throws Error for a type that the simulator doesn't know, which the checks before it exclude */
export function itemType(name: string): ItemType {
  const found = BY_NAME.get(name);
  if (!found) throw new Error(`There is no item type ${name}.`);
  return found;
}
