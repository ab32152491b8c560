// A product's backend, as small as it can be: a "Connect Miro" button, a link session of the gateway, and its result.
//   GATEWAY_URL=http://127.0.0.1:8080 GATEWAY_KEY=tmk_… PORT=3001 node server.mjs
// The gateway must know where browsers come back to: TEMPORAL_MIRO_RETURN_ORIGINS, or nothing while both are on this machine.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const {
  GATEWAY_URL = 'http://127.0.0.1:8080',
  GATEWAY_KEY = '',
  PORT = '3001',
  TENANT = 'acme',
  TEAM_ID,
} = process.env;

/** Link sessions by our own user's session. @type {Map<string, string>} */
const linkSessions = new Map();

/** @param {string} path @param {object} body */
async function askGateway(path, body) {
  const headers = { authorization: `Bearer ${GATEWAY_KEY}`, 'content-type': 'application/json' };
  const response = await fetch(GATEWAY_URL + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = /** @type {{ id: string, url: string }} */ (await response.json());
  return { status: response.status, answer };
}

/** @type {Record<string, (given: { user: string, origin: string, body: string }) => Promise<{ status: number, answer: unknown }>>} */
const actions = {
  // The button asks here. What stands in the session is ours to say, never the browser's: the tenant above all.
  async '/miro/start'({ user, origin }) {
    const asked = { tenant: TENANT, returnUrl: `${origin}/miro/done`, ...(TEAM_ID && { teamId: TEAM_ID }) };
    const { status, answer } = await askGateway('/v1/link-sessions', asked);
    if (status === 201) linkSessions.set(user, answer.id);
    return { status, answer: { url: answer.url } };
  },

  // The result is taken here, for the session of the user who began it.
  async '/miro/result'({ user, body }) {
    return askGateway(`/v1/link-sessions/${linkSessions.get(user)}/result`, { result: JSON.parse(body).result });
  },
};

const pages = { '/': 'index.html', '/miro/done': 'done.html' };

const server = createServer(async (request, response) => {
  const path = new URL(request.url ?? '/', 'http://here').pathname;
  const user = /user=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? randomUUID();
  const act = request.method === 'POST' ? actions[path] : undefined;
  const page = pages[/** @type {keyof typeof pages} */ (path)];
  try {
    if (act) {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { status, answer } = await act({ user, origin: `http://${request.headers.host}`, body });
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    } else if (page) {
      const text = await readFile(new URL(page, import.meta.url), 'utf8');
      const headers = { 'content-type': 'text/html', 'set-cookie': `user=${user}; HttpOnly; SameSite=Lax; Path=/` };
      response.writeHead(200, headers).end(text.replaceAll('{gateway}', GATEWAY_URL));
    } else response.writeHead(404).end();
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
});

server.listen(Number(PORT), '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(JSON.stringify({ ready: true, url: `http://127.0.0.1:${address.port}` }));
});
