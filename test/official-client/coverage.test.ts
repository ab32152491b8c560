import { readFileSync, readdirSync } from 'node:fs';
import { MiroLowlevelApi } from '@mirohq/miro-api';
import { expect, it } from 'vitest';
import { refused, useOfficialClient } from './client.js';

const { api } = useOfficialClient();

const WEBHOOKS = 'Miro removed webhooks of boards on 2025-12-05 (https://developers.miro.com/changelog)';

/** What has no place in the other tests, and why. */
const REMOVED: Record<string, string> = {
  createBoardSubscription: WEBHOOKS,
  updateBoardSubscription: WEBHOOKS,
  getSubscriptionById: WEBHOOKS,
  getUserSubscriptions: WEBHOOKS,
  deleteSubscriptionById: WEBHOOKS,
};

/**
 * What the client cannot do, whatever the server answers; the tests around go as far as it can.
 *
 * - `Miro` exchanges and refreshes tokens at api.miro.com only, whatever its `basePath`: `exchangeCodeForAccessToken`,
 *   `handleAuthorizationCodeRequest`, `getToken` and the refresh inside `getAccessToken` can't be pointed elsewhere.
 * - `createItemsInBulkUsingFileFromDevice` hands an array to a form that refuses it.
 * - `getGroupById` and `getItemsByGroupId` lose the members of a group: their models name fields of another schema.
 * - `Organization.getAllTeams` reads the first page only; `enterpriseGetOrganizationMembers` has no type for the bare
 *   array that `emails` gets.
 * - Ids of classification labels are numbers in two bodies and lose their last digits.
 * - Its enums of roles and access in projects are numbers, which it sends; tests pass texts through it.
 * - `MiroApi.call` is the only way to documents in Miro's own format, code widgets, user groups, AI logs and SCIM.
 */
const BROKEN = ['createItemsInBulkUsingFileFromDevice'];

it('every method of the client is called by a test, or is listed with the reason why not', () => {
  const here = new URL('.', import.meta.url);
  const tests = readdirSync(here).filter((name) => name.endsWith('.test.ts') && !name.startsWith('coverage'));
  const code = tests.map((name) => readFileSync(new URL(name, here), 'utf8')).join('\n');
  const methods = Object.getOwnPropertyNames(MiroLowlevelApi.prototype).filter((name) => name !== 'constructor');
  const missing = methods.filter((name) => !new RegExp(`[^\\w]${name}\\(`).test(code));
  expect(missing.sort()).toEqual([...Object.keys(REMOVED), ...BROKEN].sort());
});

it.each(Object.keys(REMOVED))('%s meets a path that is no longer there', async (method) => {
  const client = api();
  const calls: Record<string, () => Promise<unknown>> = {
    createBoardSubscription: () => client.createBoardSubscription({ callbackUrl: 'https://example.com' }),
    updateBoardSubscription: () => client.updateBoardSubscription('1', {}),
    getSubscriptionById: () => client.getSubscriptionById('1'),
    getUserSubscriptions: () => client.getUserSubscriptions(),
    deleteSubscriptionById: () => client.deleteSubscriptionById('1'),
  };
  await expect(calls[method]!()).rejects.toEqual(refused(404));
});

it('createItemsInBulkUsingFileFromDevice fails before it sends anything', async () => {
  const resources = [Buffer.from('bytes')];
  const call = api().createItemsInBulkUsingFileFromDevice('a board', Buffer.from('[{"type":"image"}]'), resources);
  await expect(call).rejects.toThrow('Arrays are not supported');
});
