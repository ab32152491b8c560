import type { BoardModel } from './model.js';

/** Opens the board at that item. */
export const itemUrl = ({ url }: Pick<BoardModel, 'url'>, itemId: string): string =>
  `${url}?moveToWidget=${encodeURIComponent(itemId)}`;
