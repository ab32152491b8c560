/** The browser snippet and the example beside it, in real Chromium against the simulator's authorize page. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { relinkToken } from '../../ids.js';
import { findConnection } from '../../store/connections.js';
import { markNeedsRelink } from '../../store/grants.js';
import { ensureTenant } from '../../store/tenants.js';
import { spawnNode, type SpawnedNode } from '../harness.js';
import { createGatewayStage, TestBrowser, type GatewayStage, type SimulatedPeople } from './stage.js';

const executablePath = findChromium();
if (executablePath === undefined)
  process.stderr.write('No Chromium: the browser tests are skipped. Set CHROME_PATH, or put chromium on the PATH.\n');

function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)));
  return [process.env['CHROME_PATH'] ?? '', ...onPath].find((path) => path !== '' && existsSync(path));
}

describe.skipIf(executablePath === undefined)('in a real browser', () => {
  let stage: GatewayStage;
  let chrome: Browser;
  let context: BrowserContext;
  let backend: SpawnedNode;
  let page: Page;
  let product: string;

  beforeAll(async () => {
    stage = await createGatewayStage();
    chrome = await chromium.launch({ ...(executablePath !== undefined && { executablePath }), args: ['--no-sandbox'] });
    ({ backend, url: product } = await startBackend({}));
  });
  afterAll(async () => {
    await chrome?.close();
    await backend?.kill();
    await stage.close();
  });
  beforeEach(async () => {
    context = await chrome.newContext();
    page = await context.newPage();
  });
  afterEach(() => context.close());

  async function startBackend(env: Record<string, string>) {
    const settings = {
      GATEWAY_URL: stage.url,
      GATEWAY_KEY: await stage.key({ tenants: ['acme'], scopes: ['links:write'] }),
      PORT: '0',
    };
    const process = await spawnNode('docs/examples/connect-miro/server.mjs', [], { ...settings, ...env });
    const { url } = JSON.parse(await process.waitFor(/"ready":true/)) as { url: string };
    return { backend: process, url };
  }

  async function openPopup(at = product): Promise<Page> {
    await page.goto(at);
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('#connect')]);
    await goOn(popup);
    return popup;
  }

  /** From our own page to Miro's. */
  async function goOn(at: Page): Promise<void> {
    await at.getByRole('button', { name: 'Continue to Miro' }).click();
    await at.waitForURL(/\/oauth\/authorize/);
  }

  /** Ada, in the first account's team. */
  async function choose(popup: Page, team = stage.simulator.teamId): Promise<void> {
    const { users } = await stage.sim<SimulatedPeople>('state');
    await popup.selectOption('[name=user_id]', users.find(({ email }) => email.startsWith('ada@'))?.id ?? '');
    await popup.selectOption('[name=team_id]', team);
  }

  const outcome = (text: string) => page.getByText(text).waitFor({ timeout: 15_000 });

  it('links the account from the popup', async () => {
    const popup = await openPopup();
    await choose(popup);
    await Promise.all([popup.waitForEvent('close'), popup.click('text=Allow')]);
    await outcome(`Connected to the team ${stage.simulator.teamId}.`);
  });

  it('tells that the person denied', async () => {
    const popup = await openPopup();
    await Promise.all([popup.waitForEvent('close'), popup.click('text=Deny')]);
    await outcome('You did not allow it.');
  });

  it('tells that the popup was closed', async () => {
    await (await openPopup()).close();
    await outcome('The window was closed.');
  });

  it('tells that another team was chosen', async () => {
    const { teams } = await stage.sim<SimulatedPeople>('state');
    const wanted = teams.find(({ name }) => name === 'Platform')?.id ?? '';
    const own = await startBackend({ TEAM_ID: wanted });
    const popup = await openPopup(own.url);
    expect(await popup.inputValue('[name=team_id]')).toBe(wanted);
    await choose(popup);
    await Promise.all([popup.waitForEvent('close'), popup.click('text=Allow')]);
    await outcome('Please choose the team that is selected.');
    await own.backend.kill();
  });

  it('goes to Miro in the page itself where popups are blocked', async () => {
    await page.addInitScript('window.open = () => null');
    await page.goto(product);
    await page.click('#connect');
    await goOn(page);
    await choose(page);
    await page.click('text=Allow');
    await outcome(`Connected to the team ${stage.simulator.teamId}.`);
    await page.reload();
    await outcome('was taken before');
  });

  it('tells a person who brings the result of somebody else’s link', async () => {
    await page.goto(product);
    await page.evaluate(`fetch('/miro/start', { method: 'POST' })`);
    await page.goto(`${product}/miro/done?result=${'A'.repeat(43)}`);
    await outcome('This is not the result of this link session.');
  });

  it('hears nobody but its own popup and its own origin', async () => {
    const popup = await openPopup();
    await page.evaluate(`postMessage({ from: 'connect-miro', ending: { result: 'forged' } }, '*')`);
    await popup.evaluate(`opener.postMessage({ from: 'connect-miro', ending: { result: 'forged' } }, '*')`);
    await popup.close();
    await outcome('The window was closed.');
  });

  it('takes a person through a relink by the button of our own page', async () => {
    await new TestBrowser().link(stage, (await stage.session({ tenant: 'relinked' })).url);
    const { tenantId } = await ensureTenant(stage.store.db, 'relinked');
    const connection = await findConnection(stage.store.db, { tenantId, name: 'default' });
    if (!connection?.rest) throw new Error('it was not linked');
    await markNeedsRelink(stage.store.db, { ...connection.rest, reason: 'dead' });
    const token = relinkToken(stage.deps.idKey, { ...connection, ...connection.rest });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(`${stage.url}/relink/${token}`);
    await goOn(page);
    await choose(page);
    await page.click('text=Allow');
    await outcome('Your Miro account is connected');
    expect(complaints).toEqual([]);
  });
});
