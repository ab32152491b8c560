import { describe, expect, it } from 'vitest';
import { boardMembers, boards, connectors, items, orgMembers, tags } from '../../miro/index.js';
import type { Call } from '../../miro/index.js';
import { fakeMiro, sendTo } from './fake-miro.js';

/** The value that a call reads from an answer's text. */
async function readFrom<T>(text: string, call: Call<T>, status = 200): Promise<T | undefined> {
  const server = await fakeMiro((_, response) => void response.writeHead(status).end(text));
  const { value, error } = await sendTo(server, call);
  if (error) throw error as Error;
  return value;
}

describe('an answer', () => {
  it('keeps ids beyond 2^53, as strings, wherever Miro has them as numbers', async () => {
    const shared = await readFrom(
      '{"successful":[3458764517517819001,12],"failed":[{"email":"a@x.de","reason":"INVITATION_FAILED"}]}',
      boardMembers.share('b', { emails: ['a@x.de'], role: 'editor' }),
    );
    expect(shared?.successful).toEqual(['3458764517517819001', '12']);
    expect((await readFrom('{"id":3074457345821141001}', items.get('b', '1')))?.id).toBe('3074457345821141001');
  });

  it('passes with unknown values, further fields, numbers as strings, nulls and strange parts', async () => {
    const board = await readFrom(
      JSON.stringify({
        id: 'uXjVOD6LSME=',
        type: 'board',
        name: null,
        team: { id: 30744573, name: 'Design', picture: { id: '42' } },
        owner: 'somebody',
        policy: { sharingPolicy: { access: 'telepathy' }, permissionsPolicy: null },
        madeByNobody: {},
      }),
      boards.get('b'),
    );
    expect(board).toMatchObject({
      name: '',
      team: { id: '30744573' },
      owner: undefined,
      policy: { sharingPolicy: { access: 'telepathy' } },
    });
    const item = await readFrom(
      '{"id":"1","type":"hologram","data":{"content":5,"depth":"3"},"position":{"x":"1.5","y":-2e1},"geometry":[]}',
      items.get('b', '1'),
    );
    expect(item).toMatchObject({ type: 'hologram', data: { depth: '3' }, position: { x: 1.5, y: -20 } });
    expect(item?.geometry).toBeUndefined();
    const connector = await readFrom(
      '{"id":"1","style":{"startStrokeCap":"unknown"},"endItem":{}}',
      connectors.get('b', '1'),
    );
    expect(connector).toMatchObject({ style: { startStrokeCap: 'unknown' }, captions: [] });
    expect(connector?.endItem).toBeUndefined();
  });

  it('has one value where a field comes twice', async () => {
    expect((await readFrom('{"id":"1","title":"a","title":"b"}', tags.get('b', '1')))?.title).toBe('b');
  });

  it('may be any 2xx, and may be empty where only the fact matters', async () => {
    expect(await readFrom('', boards.delete('b'), 204)).toBeUndefined();
    expect(await readFrom('{}', tags.attach('b', '1', '2'), 200)).toBeUndefined();
    expect((await readFrom('{"id":"1"}', connectors.get('b', '1'), 201))?.id).toBe('1');
  });

  it('without a body means of a board change that Miro is still at it', async () => {
    expect(await readFrom('', boards.update('b', { name: 'x' }), 202)).toBeUndefined();
    expect((await readFrom('{"id":"b"}', boards.update('b', { name: 'x' })))?.id).toBe('b');
  });

  it('of a bulk must hold as many items as were sent', async () => {
    const call = items.createBulk('b', [{ type: 'text' }, { type: 'text' }]);
    expect(await readFrom('{"data":[{"id":"1"},{"id":"2"}]}', call, 201)).toMatchObject([{ id: '1' }, { id: '2' }]);
    await expect(readFrom('{"data":[{"id":"1"}]}', call, 201)).rejects.toMatchObject({
      kind: 'malformed',
      written: 'unknown',
    });
  });

  it('of tags on an item may have its envelope or none', async () => {
    const tag = { id: '1', title: 'Urgent', fillColor: 'red' };
    expect(await readFrom(JSON.stringify({ tags: [tag] }), tags.ofItem('b', '1'))).toEqual([tag]);
    expect(await readFrom(JSON.stringify([tag]), tags.ofItem('b', '1'))).toEqual([tag]);
  });

  it('of members by e-mail is a bare array', async () => {
    const answer = '[{"id":3074457345821141001,"email":"a@x.de","active":"true","role":"organization_robot"}]';
    const page = await readFrom(answer, orgMembers.list('1', { emails: ['a@x.de'] }));
    expect(page?.items).toMatchObject([{ id: '3074457345821141001', active: true, role: 'organization_robot' }]);
  });

  it('with hostile names does no harm', async () => {
    const item = await readFrom('{"id":"1","data":{"__proto__":{"polluted":true}}}', items.get('b', '1'));
    expect(Object.getPrototypeOf({})).not.toHaveProperty('polluted');
    expect((item?.data as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('nested without end is malformed, not a crash', async () => {
    const deep = `{"id":"1","data":${'['.repeat(100_000)}`;
    await expect(readFrom(deep, items.get('b', '1'))).rejects.toMatchObject({ kind: 'malformed' });
  });
});
