import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as miro from '../../miro/index.js';
import {
  boardMembers,
  boards,
  call,
  connectors,
  items,
  MiroError,
  orgMembers,
  stickyNotes,
  tags,
} from '../../miro/index.js';
import type { NewItem } from '../../miro/index.js';
import { jsonMiro, sendTo } from './fake-miro.js';

describe('a call', () => {
  it('is data: method, template, encoded path, query, body, credits', () => {
    expect(boards.copy({ from: 'uXjVOD6LSME=', name: 'Kick-off', teamId: '3074457345821141000' })).toMatchObject({
      operation: 'copy-board',
      method: 'PUT',
      template: '/v2/boards',
      path: '/v2/boards',
      query: { copy_from: 'uXjVOD6LSME=' },
      body: { name: 'Kick-off', teamId: '3074457345821141000' },
      credits: 2000,
      write: true,
    });
    expect(items.get('uXjVOD6LSME=', '34587')).toMatchObject({
      path: '/v2/boards/uXjVOD6LSME%3D/items/34587',
      credits: 50,
      write: false,
    });
  });

  it('costs credits for each item of a bulk', () => {
    const notes: NewItem[] = Array.from({ length: 20 }, () => ({ type: 'sticky_note' }));
    expect(items.createBulk('b', notes).credits).toBe(2000);
    const body = { membersToAdd: ['a@x.de', 'b@x.de'], membersToRemove: ['3'] };
    const path = { org_id: '1', group_id: '2' };
    expect(call('enterprise-update-group-members', { path, body }).credits).toBe(150);
    const form = new FormData();
    form.append('data', '[]');
    form.append('resources', new Blob(['x']));
    form.append('resources', new Blob(['y']));
    const upload = call('create-items-in-bulk-using-file-from-device', { path: { board_id: 'b' }, body: form });
    expect(upload.credits).toBe(200);
  });

  it('leaves out what was not given', () => {
    expect(boards.list({ teamId: '1', sort: 'last_created' }).query).toEqual({
      team_id: '1',
      sort: 'last_created',
      limit: '50',
      offset: '0',
    });
    expect(orgMembers.list('1', { active: false }).query).toEqual({ active: 'false', limit: '100' });
    expect(orgMembers.list('1', { emails: ['a@x.de', 'b@x.de'], role: 'x' }).query).toEqual({
      emails: 'a@x.de,b@x.de',
    });
  });

  it('chooses the operation that a filter of items needs', () => {
    expect(items.list('b').operation).toBe('get-items');
    expect(items.list('b', { parentId: 'f', type: 'card' })).toMatchObject({
      operation: 'get-items-within-frame',
      query: { parent_item_id: 'f', type: 'card' },
    });
    expect(items.list('b', { tagId: 't' })).toMatchObject({ operation: 'get-items-by-tag', query: { offset: '0' } });
  });

  it('sends JSON with its token, its path and its query as they are', async () => {
    const server = await jsonMiro(201, { id: 1, type: 'sticky_note' });
    await sendTo(server, stickyNotes.create('uXjVOD6LSME=', { data: { content: 'ä & ö' } }));
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        url: '/v2/boards/uXjVOD6LSME%3D/sticky_notes',
        headers: { authorization: 'Bearer token-that-must-not-leak', 'content-type': 'application/json' },
        body: '{"data":{"content":"ä & ö"}}',
      },
    ]);
  });

  it('sends a query that every server reads alike', async () => {
    const server = await jsonMiro(200, { data: [] });
    await sendTo(server, boards.list({ query: 'a b+c&d=ü' }));
    expect(server.requests[0]?.url).toBe('/v2/boards?limit=50&query=a%20b%2Bc%26d%3D%C3%BC&offset=0');
  });

  it('sends files as a form', async () => {
    const form = new FormData();
    form.append('resource', new Blob(['%PDF'], { type: 'application/pdf' }), 'plan.pdf');
    const server = await jsonMiro(201, { id: '1' });
    await sendTo(server, call('create-document-item-using-file-from-device', { path: { board_id: 'b' }, body: form }));
    expect(server.requests[0]?.headers['content-type']).toMatch(/^multipart\/form-data; ?boundary=/);
    expect(server.requests[0]?.body).toContain('filename="plan.pdf"');
  });
});

describe('an id', () => {
  const CALLS: ((id: string) => unknown)[] = [
    boards.get,
    boards.delete,
    boardMembers.list,
    (id) => boardMembers.remove('b', id),
    (id) => items.get('b', id),
    (id) => tags.attach('b', id, 't'),
    (id) => connectors.delete('b', id),
    (id) => call('getUser', { path: { id } }),
  ];

  it.each([
    '',
    '.',
    '..',
    'a/b',
    'a\\b',
    'a?b',
    'a#b',
    'a%2fb',
    'a b',
    'a\nb',
    'a\0b',
    'é',
    '\u202e1',
    'x'.repeat(257),
  ])("that can't be one is refused before anything is sent: %j", (id) => {
    for (const build of CALLS) {
      let error: unknown;
      try {
        build(id);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(MiroError);
      expect(error).toMatchObject({ kind: 'invalid', written: 'no' });
    }
  });

  it('fills exactly one segment of the path and comes back whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (id) => {
        let path: string;
        try {
          path = items.get('board', id).path;
        } catch (error) {
          expect(error).toMatchObject({ kind: 'invalid', written: 'no' });
          return;
        }
        const segments = new URL(path, 'https://api.miro.com').pathname.split('/');
        expect(segments).toHaveLength(6);
        expect(decodeURIComponent(segments[5] ?? '')).toBe(id);
      }),
    );
  });

  it('missing in JavaScript is refused too', () => {
    expect(() => boards.get(undefined as unknown as string)).toThrow(/needs an id as board_id/);
  });
});

it('needs the query parameters that Miro requires', () => {
  expect(() => call('copy-board', {})).toThrow('PUT /v2/boards was not sent: it needs copy_from');
});

it.each(['coming-from-other-guides.md', 'miro-api.md'])('has every function that docs/%s names', (file) => {
  const text = readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8');
  const named = [...text.matchAll(/`(\w+)\.(\w+)\(/g)].map((match) => [match[1], match[2]] as [string, string]);
  for (const [group, name] of named) expect(miro).toHaveProperty([group, name]);
});
