import { html, type Answer } from '../http/answer.js';
import type { Incoming } from '../http/call.js';
import type { Simulation } from '../simulation.js';
import type { App } from '../state/app.js';
import type { Team, User } from '../state/organisation.js';
import type { World } from '../state/world.js';
import { escapeHtml } from '../state/content.js';
import { issueCode } from './codes.js';

/** What the link asks for, once client and redirect address have been checked. */
interface Request {
  app: App;
  redirectUri: string;
  state?: string;
  teamId?: string;
}

/** `GET /oauth/authorize`: the page on which a person chooses a team and allows or denies the app. */
export function authorizePage(sim: Simulation, incoming: Incoming): Answer {
  const request = readRequest(sim, incoming.query);
  if (typeof request === 'string') return html(400, page('This link does not work', `<p>${escapeHtml(request)}</p>`));
  return html(200, page(`${request.app.name} wants to access your boards`, consentForm(sim.world, request)));
}

/** `POST /oauth/authorize`: sends the browser back to the app, with a code or with `error=access_denied`. */
export function authorizeDecision(sim: Simulation, incoming: Incoming): Answer {
  const fields = Object.fromEntries(new URLSearchParams(incoming.body.toString('utf8')));
  const request = readRequest(sim, { response_type: 'code', ...fields });
  if (typeof request === 'string') return html(400, page('This link does not work', `<p>${escapeHtml(request)}</p>`));
  const { app, redirectUri, state } = request;
  if (fields['decision'] !== 'allow') return redirect(redirectUri, { error: 'access_denied', state });
  const user = sim.world.users.get(fields['user_id'] ?? '');
  const team = sim.world.teams.get(fields['team_id'] ?? '');
  if (!user || !team?.members.has(user.id))
    return html(400, page('Choose again', '<p>The person is not a member of that team.</p>'));
  const { code } = issueCode(sim, app, user, team.id, redirectUri);
  return redirect(redirectUri, { code, state, client_id: app.clientId, team_id: team.id });
}

/** @returns a sentence where the link can't be followed; such an error must never be sent to an unchecked address */
function readRequest(sim: Simulation, query: Record<string, string>): Request | string {
  const app = [...sim.world.apps.values()].find((each) => each.clientId === query['client_id']);
  if (!app) return 'client_id names no app.';
  const redirectUri = query['redirect_uri'] ?? app.redirectUris[0];
  if (redirectUri === undefined || !app.redirectUris.includes(redirectUri))
    return 'redirect_uri is not one of the addresses that the app has registered.';
  if (query['response_type'] !== 'code') return 'response_type must be "code".';
  return { app, redirectUri, state: query['state'], teamId: query['team_id'] };
}

function redirect(to: string, parameters: Record<string, string | undefined>): Answer {
  const url = new URL(to);
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return { status: 302, text: '', headers: { location: url.toString() } };
}

function consentForm(world: World, { app, redirectUri, state, teamId }: Request): string {
  const hidden = { client_id: app.clientId, redirect_uri: redirectUri, ...(state !== undefined && { state }) };
  const inputs = Object.entries(hidden).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  );
  const people = [...world.users.values()].filter((user) => user.active);
  const scopes = app.scopes.map((scope) => `<li><code>${escapeHtml(scope)}</code></li>`).join('');
  return `<form method="post" action="/oauth/authorize">${inputs.join('')}
<label>You are <select name="user_id">${people.map(personOption).join('')}</select></label>
<label>Team <select name="team_id">${[...world.teams.values()].map((team) => teamOption(team, teamId)).join('')}</select></label>
<p>It will be able to use:</p><ul>${scopes}</ul>
<button name="decision" value="deny">Deny</button> <button name="decision" value="allow" class="main">Allow</button></form>`;
}

const personOption = (user: User): string =>
  `<option value="${user.id}">${escapeHtml(user.name)} (${escapeHtml(user.email)})</option>`;

const teamOption = (team: Team, chosen: string | undefined): string =>
  `<option value="${team.id}"${team.id === chosen ? ' selected' : ''}>${escapeHtml(team.name)}</option>`;

function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<style>body{font:16px system-ui,sans-serif;max-width:32rem;margin:4rem auto;color:#050038}label{display:block;margin:1rem 0}
button{padding:.6rem 1.2rem}.main{background:#4262ff;color:#fff;border:0}small{color:#6f6e7d}</style>
<h1>${escapeHtml(title)}</h1>${content}<p><small>This is a simulator, not Miro.</small></p></html>`;
}
