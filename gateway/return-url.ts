/** Where a browser may be sent at the end of a link: only to origins that the installation names. */
import { isLoopback } from '../loopback.js';
import { badRequest } from './refusal.js';

const LONGEST = 2_000;

/** The address in its normal form. @throws Refusal 400 for anything but a plain http(s) address at an allowed origin */
export function checkReturnUrl(
  text: string,
  { returnOrigins, publicUrl }: { returnOrigins: string[]; publicUrl: string },
): string {
  const url = isPlain(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.username !== '' || url.password !== '')
    throw badRequest(
      'The returnUrl is no plain http(s) address.',
      'Give an absolute address without user, password, spaces or backslashes, e.g. https://app.example.com/miro/linked.',
    );
  const isLocal = isLoopback(url.href) && isLoopback(publicUrl);
  if (!returnOrigins.includes(url.origin) && !isLocal)
    throw badRequest(
      `The returnUrl leads to ${url.origin}, which this installation does not name.`,
      'Add that origin to TEMPORAL_MIRO_RETURN_ORIGINS of the gateway.',
    );
  return url.href;
}

// What browsers and parsers read differently: other schemes, one or three slashes, backslashes, control characters.
const isPlain = (text: string): boolean =>
  text.length <= LONGEST && /^https?:\/\/[^/\\]/i.test(text) && !/[\s\\\x00-\x1f\x7f]/.test(text);

/** The address with how the link ended. What it has of these names already is replaced, so that nobody can forge an ending. */
export function withEnding(returnUrl: string, ending: { result: string } | { error: string }): string {
  const url = new URL(returnUrl);
  for (const name of ['result', 'error']) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(ending)) url.searchParams.set(name, value);
  return url.href;
}
