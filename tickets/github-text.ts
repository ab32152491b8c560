/** People's words as GitHub may have them: they call nobody and point nowhere. */

/** Behind the sign it keeps GitHub from reading a name or a number there, as Renovate and Dependabot do; nobody sees it. */
const BREAK = '\u200b';

/** An address stays whole: within one GitHub reads neither. Only one with a domain is an address to it. */
const ADDRESS = String.raw`(?<![a-z\d])https?:\/\/[a-z\d-]+(?:\.[a-z\d-]+)+[^\s<>()[\]"'\`*|\\]*`;
/** `@name`, `@org/team`; not the middle of an e-mail address. */
const MENTION = String.raw`(?<![a-z\d])(?:@|&#0*64;|&#x0*40;|&commat;)(?=[a-z\d])`;
/** `#123`, `owner/repo#123`, `GH-123`; not the number of a character. */
const REFERENCE = String.raw`(?:(?<!(?<!\\)&)#|&#0*35;|&#x0*23;|&num;|(?<![a-z\d])gh-)(?=\d)`;

/** The address of an issue, a pull request or a commit, which GitHub reads as a reference to it. */
const HISTORY = String.raw`(?=(?:\/[^\s/]+){2}\/(?:issues|pull|commit|discussions)\/)`;
/** Its own address of this leads to the same page, and is no reference. */
const ON_GITHUB = new RegExp(String.raw`(https?:\/\/)(?:www\.)?github\.com${HISTORY}`, 'gi');
/** A server of one's own has none. */
const ON_SERVER = new RegExp(
  String.raw`(https?:\/\/(?!redirect\.github\.com\/)[^\s/]+${HISTORY}(?:\/[^\s/]+){3}\/)(?=[\da-f])`,
  'gi',
);

const CALLS = new RegExp(`(${ADDRESS})|${MENTION}|${REFERENCE}`, 'gi');

/**
 * The text, in which no `@name` notifies anybody and no `#123` is put into another issue's history. Who a ticket is assigned to is a field of it.
 * @see https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls (read 2026-11)
 */
export const quiet = (text: string): string =>
  text
    .replace(ON_GITHUB, '$1redirect.github.com')
    .replace(ON_SERVER, `$1${BREAK}`)
    .replace(CALLS, (sign, address: string | undefined) => address ?? `${sign}${BREAK}`);
