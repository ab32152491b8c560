import { expect, it } from 'vitest';
import { showingCredits } from '../../jobs/retro-to-tickets/link-back.js';

const CREDITS = { item: 100, tag: 50, attach: 10 };
const rows = (n: number, type: string) =>
  Array.from({ length: n }, (_, i) => ({
    type,
    title: `Idea ${i}`,
    url: `https://miro.com/app/board/b/?moveToWidget=${i}`,
  }));

it.each([
  ['nothing for no tickets', 'list', [], 0],
  ['nothing where they are not shown', 'none', rows(3, 'sticky_note'), 0],
  ['a card each', 'card', rows(3, 'sticky_note'), 300],
  ['a change of each text', 'text', rows(3, 'text'), 300],
  ['a frame, texts of up to 20 rows, a tag and hanging it', 'list', rows(41, 'sticky_note'), 100 + 300 + 50 + 410],
  ['no tag where no item can have one', 'list', rows(2, 'shape'), 100 + 100],
] as const)('showing tickets costs %s', (_, way, shown, credits) => {
  expect(showingCredits(way, shown, CREDITS)).toBe(credits);
});
