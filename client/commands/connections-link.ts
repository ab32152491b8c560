/** `temporal-miro connections link|relink`: a person allows the Miro app in a browser, and this waits for it. */
import { setTimeout as delay } from 'node:timers/promises';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { gatewayConfig, type Env } from '../../config.js';
import { connectionView } from '../../gateway/connection-view.js';
import { callbackUrl, startUrl } from '../../gateway/link.js';
import { findConnection, type Connection } from '../../store/connections.js';
import type { Db } from '../../store/db.js';
import { createLinkSession, findLinkSession, type LinkState } from '../../store/link-sessions.js';
import { ensureTenant } from '../../store/tenants.js';
import { stopSignals } from '../../workers/stop-signals.js';
import { acceptedOf, acceptOptions, linkRefused, type AcceptOptions } from './connections-accept.js';
import { badInput, EXIT, type ExitCode } from './exit-codes.js';
import {
  connectionCommand,
  connectionOf,
  readConnection,
  tenantCommand,
  type TenantOptions,
} from './find-connection.js';
import { LINK_PORT, withLinkPages } from './link-pages.js';
import { openBrowser } from './open-browser.js';
import { createOutput, type Output } from './output.js';
import { withStore } from './services.js';
import { environmentOf } from './state-folder.js';

interface LinkOptions extends TenantOptions, AcceptOptions {
  team?: string | undefined;
  port?: number;
  open: boolean;
}

/** So long Miro's page stays good for a person. */
const PATIENCE_MS = 600_000;
const LOOK_MS = 500;

const REGISTER = `
The Miro app (Profile settings > Your apps) must list the redirect URI exactly: <TEMPORAL_MIRO_PUBLIC_URL>/oauth/callback where
that is set, and http://127.0.0.1:${LINK_PORT}/oauth/callback, or your --port, where this machine serves the link.
MIRO_CLIENT_ID and MIRO_CLIENT_SECRET are those of the app.`;

export function linkCommand(): Command {
  const name = new Argument('[name]', 'the connection’s name').default('default').argParser(readConnection);
  return linkOptions(tenantCommand(new Command('link').addArgument(name)))
    .summary('link a Miro account under a name')
    .description(
      'Gives you an address for a browser, where somebody signs in to Miro and allows the app; waits for it.',
    )
    .addHelpText(
      'after',
      `\nExamples:\n  $ temporal-miro connections link\n  $ temporal-miro connections link emea --tenant acme --team 3458764500000000001\n${REGISTER}`,
    )
    .action(async (connection: string, options: LinkOptions) => {
      process.exitCode = await link(await environmentOf(options), connection, options, createOutput(options));
    });
}

export function relinkCommand(): Command {
  return linkOptions(connectionCommand(new Command('relink')))
    .summary('link a connection’s account anew')
    .description(
      'As link, for a connection that is there, with its team unless --team names another. Its parked runs go on within seconds.',
    )
    .addHelpText('after', `\nExample:\n  $ temporal-miro connections relink default --tenant acme\n${REGISTER}`)
    .action(async (connection: string, options: LinkOptions) => {
      const env = await environmentOf(options);
      const { rest } = await withStore(env, (db) => connectionOf(db, connection, options));
      process.exitCode = await link(env, connection, { team: rest?.teamId, ...options }, createOutput(options));
    });
}

function linkOptions(command: Command): Command {
  return acceptOptions(command)
    .option('--team <id>', 'the Miro team that must be chosen', readTeam)
    .option('--port <n>', `serve the link on 127.0.0.1 (default without a gateway: ${LINK_PORT})`, readPort)
    .option('--no-open', 'only print the address');
}

async function link(env: Env, name: string, options: LinkOptions, output: Output): Promise<ExitCode> {
  const config = gatewayConfig(env);
  if (!config.miro.app)
    throw badInput(
      'MIRO_CLIENT_ID and MIRO_CLIENT_SECRET are missing; set them to those of your Miro app (Profile settings > Your apps)',
    );
  const { signal, release } = stopSignals();
  try {
    return await withLinkPages(config, { port: options.port, log: output.note }, (publicUrl) =>
      withStore(env, (db) => linkAt({ db, publicUrl, env, signal, output }, name, options)),
    );
  } finally {
    release();
  }
}

interface Linking {
  db: Db;
  publicUrl: string;
  env: Env;
  signal: AbortSignal;
  output: Output;
}

async function linkAt(linking: Linking, name: string, options: LinkOptions): Promise<ExitCode> {
  const { db, publicUrl, env, signal, output } = linking;
  const { tenant, team: teamId } = options;
  const { tenantId } = await ensureTenant(db, tenant);
  const redirectUri = callbackUrl({ publicUrl });
  const session = await createLinkSession(db, {
    ...{ tenantId, connection: name, redirectUri, teamId, accept: acceptedOf(options) },
  });
  const url = startUrl({ publicUrl }, session.startToken);
  output.note(`Open this address in a browser, sign in to Miro and choose Allow:\n\n  ${url}\n`);
  output.note(`The Miro app must list this redirect URI: ${redirectUri}\nWaiting; Ctrl-C stops.`);
  if (options.open) openBrowser(url, env);
  const end = await endOfLink(db, session.id, signal);
  if (end.state === 'refused') throw linkRefused(end.reason);
  const connection = end.state === 'linked' ? await findConnection(db, { tenantId, name }) : undefined;
  if (!connection) {
    output.answer(
      { tenant, connection: name, state: end.state },
      () => 'Not linked: nobody has allowed it yet. The address is good for an hour from its start.',
    );
    return EXIT.notFinished;
  }
  output.answer({ state: 'linked', ...connectionView(tenant, connection) }, () => linkedText(tenant, connection));
  return EXIT.done;
}

/** @returns `open` or `started` when it took too long, or somebody pressed Ctrl-C */
async function endOfLink(db: Db, sessionId: string, signal: AbortSignal): Promise<LinkState> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const session = await findLinkSession(db, sessionId);
    if (!session) return { state: 'refused', reason: 'expired' };
    const isOver = session.state === 'linked' || session.state === 'refused';
    if (isOver || signal.aborted || performance.now() > giveUpAt) return session;
    await delay(LOOK_MS, undefined, { signal }).catch(() => {}); // Ctrl-C: looked at once more
  }
}

function linkedText(tenant: string, { name, rest }: Connection): string {
  const { miroUserId, teamId, orgId, scopes = [] } = rest ?? {};
  const lines = [
    `Linked as "${name}" of tenant "${tenant}":`,
    `  user    ${miroUserId}`,
    `  team    ${teamId}`,
    ...(orgId === undefined ? [] : [`  org     ${orgId}`]),
    `  scopes  ${scopes.join(' ')}`,
    `What it can do: temporal-miro connections check ${name} --tenant ${tenant}`,
  ];
  return lines.join('\n');
}

function readTeam(text: string): string {
  if (/^\d{1,32}$/.test(text)) return text;
  throw new InvalidArgumentError('A Miro team’s id has digits only; it stands in the address of the team’s settings.');
}

/** A TCP port. @throws InvalidArgumentError */
export function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}
