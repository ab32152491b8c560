/** What people mean as votes: Miro's API tells none of its own. */
import { byId } from '../provision-board/found.js';
import type { Box } from './geometry.js';
import type { BoardItem } from './model.js';
import { forPairsWithin } from './nearby.js';

const SEVERAL = String.raw`\s*(?:[x×*+:]?\s*(\d{1,3}))?`;
const THUMB = String.raw`(?:👍[\u{1f3fb}-\u{1f3ff}]?|➕)\ufe0f?`;
const THUMBS = new RegExp(`${THUMB}(?:\\s*[x×]?\\s*(\\d{1,3})(?![\\p{L}\\p{N}]))?`, 'gu');
/** One of them is decoration; several of the same are dots that people voted with. */
const DOTS = /([⭐🌟❤🔥🔴🟠🟡🟢🔵🟣🟤⚫⚪💙💚💛🧡💜])\ufe0f?(?:\s*\1\ufe0f?)+/gu;

const NAMES = 'votes?|likes?|points?|stimmen?|punkte?|votos?|voix|votos|voti|голос(?:а|ов)?|票|いいね';
const VOTE_TAGS = [
  /^\+\s*(\d{1,3})$/u,
  new RegExp(`^(?:${NAMES})\\s*[:=：+]?\\s*(\\d{1,3})$`, 'iu'),
  new RegExp(`^[+x×]?\\s*(\\d{1,3})\\s*(?:${NAMES})$`, 'iu'),
  new RegExp(`^${THUMB}${SEVERAL}$`, 'u'),
];

/** Votes that a tag stands for; undefined of a tag that says something else. */
export function votesOfTag(title: string): number | undefined {
  const text = title.trim();
  for (const pattern of VOTE_TAGS) {
    const found = pattern.exec(text);
    if (found) return Number(found[1] ?? 1);
  }
  return votesOnly(text) ? votesInText(text) : undefined;
}

/** 👍👍 is two, 👍 3 three, ⭐⭐⭐ three. */
export function votesInText(text: string): number {
  let votes = 0;
  for (const [, several] of text.matchAll(THUMBS)) votes += Number(several ?? 1);
  for (const [dots] of text.matchAll(DOTS)) votes += [...dots.replace(/[\s\ufe0f]/gu, '')].length;
  return votes;
}

/** Whether a text is nothing but votes, as a note that someone puts on another one. */
export function votesOnly(text: string): boolean {
  const rest = text
    .replace(THUMBS, '')
    .replace(DOTS, '')
    .replace(/\+\d{1,3}/gu, '');
  return text.trim() !== '' && rest.trim() === '';
}

/** Votes on a note of nothing but votes. */
export const votesOfStamp = (text: string): number =>
  votesInText(text) + [...text.matchAll(/\+(\d{1,3})/gu)].reduce((sum, [, number]) => sum + Number(number), 0);

/** For which item each note of votes was put down: the one under it whose middle is nearest. */
export function stampTargets(
  stamps: BoardItem[],
  items: BoardItem[],
  boxOf: (item: BoardItem) => Box,
): Map<string, string> {
  const all = [...stamps, ...items];
  const targets = new Map<string, BoardItem>();
  forPairsWithin(0, all.map(boxOf), (a, b) => {
    const [stamp, item] = [all[Math.min(a, b)], all[Math.max(a, b)]];
    if (!stamp || !item || Math.min(a, b) >= stamps.length || Math.max(a, b) < stamps.length) return;
    const known = targets.get(stamp.id);
    const nearer = known ? distance(stamp, item) - distance(stamp, known) || byId(item, known) : -1;
    if (nearer < 0) targets.set(stamp.id, item);
  });
  return new Map([...targets].map(([stamp, { id }]) => [stamp, id]));
}

const distance = (a: BoardItem, b: BoardItem): number =>
  Math.hypot(a.absolute.x - b.absolute.x, a.absolute.y - b.absolute.y);
