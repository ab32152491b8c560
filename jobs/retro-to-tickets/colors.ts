/** Fill colors as people name them. */
import { z } from 'zod';
import { notOneOf, says } from '../invalid-input.js';
import { STICKY_COLOURS } from '../provision-board/styles.js';

const HEX = /^#[0-9a-f]{6}$/;

/** Miro's name of a sticky note's color, `#rrggbb`, or a pattern such as `light_*`; becomes lower case. */
export const color = z
  .string()
  .toLowerCase()
  .superRefine((name, context) => {
    if (HEX.test(name) || name.includes('*') || STICKY_COLOURS.some((known) => known === name)) return;
    const { remedy } = notOneOf(name, STICKY_COLOURS);
    context.addIssue(says('is no color', `${remedy}, or a hex value like #ffcc00`));
  });
