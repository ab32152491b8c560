import { z } from 'zod';
import { isLoopback } from '../loopback.js';

/** Where a tracker is: https, or http on this machine; without credentials, query or fragment, and without a slash at its end. */
export const addressSchema = z
  .string()
  .refine(isAddress, 'must be an https address (http only on this machine) without user, query or fragment')
  .transform((url) => url.replace(/\/+$/, ''));

/** Of a ticket, as its tracker tells it: people click on it. */
export const linkSchema = z.url({ protocol: /^https?$/ }).max(2_000);

function isAddress(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password, search, hash } = new URL(url);
  const safe = protocol === 'https:' || (protocol === 'http:' && isLoopback(url));
  return safe && [username, password, search, hash].every((part) => part === '');
}
