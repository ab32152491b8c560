/** The marker in an issue's or comment's body: an HTML comment at its end, which nobody sees. */

import { quiet } from './github-text.js';

const MARKER = /<!-- (tm-[a-z0-9.-]+) -->/g;
const AT_END = /(?:\n\n)?<!-- tm-[a-z0-9.-]+ -->\s*$/;

/** The body as GitHub keeps it. No text of a person's calls anybody, or opens an HTML comment in it: none can hide or forge a marker. */
export function withMarker(body: string, marker: string | undefined): string {
  const text = quiet(body).replaceAll('<!--', '&lt;!--').trimEnd();
  if (marker === undefined) return text;
  return text === '' ? `<!-- ${marker} -->` : `${text}\n\n<!-- ${marker} -->`;
}

/** The last one: ours stood at the end; what stands before it was pasted in by a person. */
export const markerOf = (body: string | null | undefined): string | undefined =>
  [...(body ?? '').matchAll(MARKER)].at(-1)?.[1];

/** The body as people read it. */
export const withoutMarker = (body: string | null | undefined): string => (body ?? '').replace(AT_END, '');
