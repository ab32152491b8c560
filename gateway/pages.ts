/** Our own pages: plain words, one small template, no script. Readable on a phone, by a screen reader, in light and dark. */
import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import type { LinkRefusal } from '../store/link-sessions.js';

const STYLE = `:root{color-scheme:light dark;--ink:#1c1c28;--paper:#fff;--quiet:#5d5d6b;--line:#d9d9e3;--accent:#3a50d9}
@media(prefers-color-scheme:dark){:root{--ink:#f1f1f6;--paper:#16161d;--quiet:#b0b0bf;--line:#3b3b48;--accent:#93a3ff}}
*{box-sizing:border-box}body{margin:0;padding:1.5rem;background:var(--paper);color:var(--ink);font:1.0625rem/1.6 system-ui,sans-serif}
main{max-width:34rem;margin:8vh auto;padding:1.75rem;border:1px solid var(--line);border-radius:12px}
h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.3}p{margin:.75rem 0;overflow-wrap:anywhere}ul{padding-left:1.25rem}
code{font:.95em ui-monospace,monospace;overflow-wrap:anywhere}small{color:var(--quiet)}
button,.button{display:inline-block;min-height:44px;padding:.6rem 1.4rem;border:0;border-radius:8px;background:var(--accent);
color:var(--paper);font:inherit;font-weight:600;text-decoration:none;cursor:pointer}
button:focus-visible,.button:focus-visible{outline:3px solid var(--ink);outline-offset:2px}`;

// Whole, so that not a blank comes between: the policy below names its hash.
const STYLE_ELEMENT = raw(`<style>${STYLE}</style>`);

/** Nothing may be loaded, run or embedded; the one style is named by its hash. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export interface Page {
  title: string;
  /** Paragraphs, as plain text. */
  says: string[];
  /** Under them, e.g. scopes. */
  list?: string[] | undefined;
  /** What to do now, under the list. */
  then?: string;
  /** Sends an empty form to the page's own address. */
  button?: string;
  /** Where the browser goes by itself; the link is for browsers that do not. */
  goesTo?: { text: string; url: string };
  /** For whoever asks for help. */
  requestId?: string;
}

/** The page as HTML; every text is escaped. */
export function render({ title, says, list, then, button, goesTo, requestId }: Page) {
  const parts = [
    ...says.map((text) => html`<p>${text}</p>`),
    list
      ? html`<ul>
          ${list.map((entry) => html`<li><code>${entry}</code></li>`)}
        </ul>`
      : '',
    then ? html`<p>${then}</p>` : '',
    button ? html`<form method="post"><button>${button}</button></form>` : '',
    goesTo ? html`<p><a class="button" href="${goesTo.url}">${goesTo.text}</a></p>` : '',
    requestId
      ? html`<p>
          <small>Request <code>${requestId}</code></small>
        </p>`
      : '',
  ];
  const refresh = goesTo ? html`<meta http-equiv="refresh" content="0; url=${goesTo.url}" />` : '';
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        ${refresh}
        <title>${title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${parts}
        </main>
      </body>
    </html>`;
}

const TO_MIRO = 'Continue to Miro';
const CLOSE = 'You can close this window.';
const AGAIN = 'Go back to where you came from, and start again from there.';

export const PAGES = {
  linked: (): Page => ({ title: 'Your Miro account is connected', says: [`That was all. ${CLOSE}`] }),
  usedLink: (): Page => ({
    title: 'This link cannot be used any more',
    says: ['It was used already, it has expired, or it was used in another browser.', AGAIN],
  }),
  /** `host`: where the browser is sent at the end. */
  consent: ({ tenant, connection, host }: { tenant: string; connection: string; host?: string }): Page => ({
    title: 'Connect your Miro account?',
    says: [
      `“${tenant}” wants to connect your Miro account, and will know it as “${connection}”.`,
      ...(host === undefined ? [] : [`Afterwards you come to ${host}.`]),
      'Only go on if you asked for it just now. If somebody sent you this link, close the window.',
    ],
    button: TO_MIRO,
  }),
  relink: (teamName: string | undefined): Page => ({
    title: 'Connect your Miro account again',
    says: [
      `The access to ${teamName ? `the Miro team “${teamName}”` : 'your Miro account'} has ended. What waits for it goes on as soon as you connect it again.`,
      'Miro will ask you to allow it. Choose the same person and team as before.',
    ],
    button: TO_MIRO,
  }),
  redirecting: (url: string): Page => ({
    title: 'One moment',
    says: ['You are being taken to Miro.'],
    goesTo: { text: TO_MIRO, url },
  }),
  failed: (requestId: string, why = REFUSED.failed.says): Page => ({
    title: 'Something went wrong',
    says: [why, AGAIN],
    requestId,
  }),
  refused: (reason: LinkRefusal, missing: string[]): Page => ({
    title: REFUSED[reason].title,
    says: [REFUSED[reason].says],
    then: AGAIN,
    list: missing.length > 0 ? missing : undefined,
  }),
};

const REFUSED: Record<LinkRefusal, { title: string; says: string }> = {
  denied: { title: 'Access was not allowed', says: 'You chose not to connect Miro. Nothing was changed.' },
  wrong_team: {
    title: 'This is another Miro team',
    says: 'You chose a different team than the one that is to be connected. Nothing was changed. When Miro asks, choose the team that is already selected.',
  },
  missing_scopes: {
    title: 'The Miro app lacks permissions',
    says: 'Your account was not connected: the Miro app does not ask for all permissions that are needed. Whoever manages the app must add these under Permissions:',
  },
  other_user: {
    title: 'This is another Miro account',
    says: 'Another person’s account was connected here before. Nothing was changed. Sign in to Miro as that person, or ask whoever sent you the link to allow the change.',
  },
  fewer_scopes: {
    title: 'The new access allows less than before',
    says: 'Nothing was changed. These permissions were there before, and are missing now:',
  },
  failed: { title: 'Something went wrong', says: 'Connecting your Miro account did not come to its end.' },
  expired: { title: 'This link cannot be used any more', says: 'It has expired.' },
};
