/** Fields that the inputs of several jobs have. */
import { z } from 'zod';
import { says } from './invalid-input.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export const tenantName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,62}$/,
    says('is no tenant name', 'use 1 to 63 small letters, digits, dashes and underscores'),
  );

/** The tenant's name for an account. @param what it is one of. @param example of a name. */
const accountName = (what: string, example: string) =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
      says(`is no ${what} name`, `use the name of a ${what}, e.g. ${example}`),
    );
export const connectionName = accountName('connection', 'default');
export const trackerName = accountName('tracker', 'builtin');

export const miroId = z
  .string()
  .regex(/^\d{1,20}$/, says('is no Miro id', 'use the digits that Miro shows, in quotes'));

/** @param what names it in the sentences, e.g. `the name`. */
export const printable = (max: number, what: string) =>
  z
    .string()
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, says('holds control characters', `write ${what} on one line`))
    .min(1, says('is empty', `give ${what}`))
    .max(max, says(`is longer than ${max} characters`, `shorten ${what}`));

const BOARD_ID = /^[A-Za-z0-9_+-]{1,60}={0,2}$/;
/** A board's id, or its address, which becomes the id. */
export const boardAddress = z
  .string()
  .transform(boardIdIn)
  .pipe(z.string().regex(BOARD_ID, says('is no board id', 'give one like uXjVOD6LSME=, or the address of the board')));

export const idKeyCheck = z.string().regex(/^[0-9a-f]{8}$/, says('is no key check', 'leave it to the client'));

export const deadlineMs = z
  .int()
  .min(MINUTE_MS, says('is shorter than a minute', `give ${MINUTE_MS} or more`))
  .max(90 * DAY_MS, says('is longer than 90 days', `give ${90 * DAY_MS} or less`));

export const planHash = z.string().regex(/^[0-9a-f]{64}$/, says('is no plan hash', 'copy it from the plan'));

/** The id in a board's address, e.g. https://miro.com/app/board/uXjVOD6LSME%3D/?moveToWidget=1; other text as it is. */
export function boardIdIn(text: string): string {
  const inAddress = /^https?:\/\/[^/\s]+\/app\/board\/([A-Za-z0-9_+=%-]+)(?:[/?#]|$)/.exec(text)?.[1];
  return inAddress === undefined ? text : inAddress.replace(/%3D/gi, '=');
}
