import { act, newBoard, type Body, type Reply, type Send } from './miro.js';

/** One of everything, by the names that the specification gives to path parameters. */
export interface Stage {
  board: string;
  ids: Record<string, string>;
  /** Ids of items by type. */
  items: Record<string, string>;
  email: string;
}

const ITEMS: [type: string, path: string, body: unknown][] = [
  ['sticky_note', 'sticky_notes', { data: { content: 'x' } }],
  ['shape', 'shapes', { data: { content: 'x' }, position: { x: 400, y: 0 } }],
  ['text', 'texts', { data: { content: 'x' } }],
  ['frame', 'frames', { data: { title: 'x' } }],
  ['card', 'cards', { data: { title: 'x' } }],
  ['app_card', 'app_cards', { data: { title: 'x', fields: [{ value: 'v' }] } }],
  ['embed', 'embeds', { data: { url: 'https://example.com' } }],
  ['image', 'images', { data: { url: 'https://example.com/i.png' } }],
  ['document', 'documents', { data: { url: 'https://example.com/d.pdf' } }],
  ['doc', 'docs', { data: { contentType: 'markdown', content: '# Title\n\ntext' } }],
];
const EXPORT = '00000000-0000-4000-8000-000000000001';

async function idOf(reply: Promise<Reply>): Promise<string> {
  const { status, body, text } = await reply;
  if (status >= 300) throw new Error(`The stage cannot be set: ${text}`);
  return body['id']!;
}

const RUNNING = '00000000-0000-4000-8000-000000000003';

export async function setStage(send: Send): Promise<Stage> {
  const introspected = (await send('GET', '/v1/oauth-token')).body;
  const [orgId, teamId] = [introspected['organization']!['id']!, introspected['team']!['id']!];
  const org = `/v2/orgs/${orgId}`;
  const board = await newBoard(send, { teamId });
  const items: Record<string, string> = {};
  for (const [type, path, body] of ITEMS) items[type] = await idOf(send('POST', `${board}/${path}`, body));
  const experimental = board.replace('/v2/', '/v2-experimental/');
  items['mindmap_node'] = await idOf(
    send('POST', `${experimental}/mindmap_nodes`, { data: { nodeView: { data: { type: 'text', content: 'x' } } } }),
  );
  items['code_widget'] = await idOf(send('POST', `${experimental}/code_widgets`, { data: { code: 'x' } }));
  const ends = { startItem: { id: items['sticky_note'] }, endItem: { id: items['shape'] } };
  const tag = await idOf(send('POST', `${board}/tags`, { title: 't' }));
  await send('POST', `${board}/items/${items['sticky_note']}?tag_id=${tag}`);
  const project = await idOf(send('POST', `${org}/teams/${teamId}/projects`, { name: 'p' }));
  const email = 'ben@nordlicht.example';
  const ben = await idOf(send('POST', `${org}/teams/${teamId}/projects/${project}/members`, { email, role: 'editor' }));
  const group = await idOf(send('POST', `${org}/groups`, { name: 'g' }));
  await send('POST', `${org}/groups/${group}/members`, { email });
  await send('POST', `${org}/teams/${teamId}/groups`, { userGroupId: group, role: 'member' });
  const shared = { userGroupIds: [group], role: 'VIEWER' };
  await send('POST', `${org}/boards/${board.split('/').at(-1)}/groups`, shared);
  await send('POST', `${org}/projects/${project}/groups`, shared);
  await send('POST', `${board}/members`, { emails: [email] });
  const legal = await idOf(send('POST', `${org}/cases`, { name: 'c' }));
  const hold = await idOf(
    send('POST', `${org}/cases/${legal}/legal-holds`, { name: 'h', scope: { users: [{ email }] } }),
  );
  const boardId = decodeURIComponent(board.split('/').at(-1)!);
  await send('POST', `${org}/boards/export/jobs?request_id=${EXPORT}`, { boardIds: [boardId] });
  await send('POST', '/_sim/clock', { advanceMs: 2_000 });
  await send('POST', `${org}/boards/export/jobs?request_id=${RUNNING}`, { boardIds: [boardId] });
  const tasks = await send('GET', `${org}/boards/export/jobs/${EXPORT}/tasks`);
  const settings = (await send('GET', `${org}/data-classification-settings`)).body;
  await send('POST', `${org}/teams/${teamId}/boards/${boardId}/data-classification`, { labelId: firstLabel(settings) });
  const app = await act(send, { do: 'edit-app' });
  const ids = {
    org_id: orgId,
    team_id: teamId,
    board_id: boardId,
    board_member_id: ben,
    member_id: ben,
    connector_id: await idOf(send('POST', `${board}/connectors`, ends)),
    tag_id: tag,
    group_id: group,
    item_group: await idOf(
      send('POST', `${board}/groups`, { data: { items: [items['sticky_note'], items['shape']] } }),
    ),
    project_id: project,
    case_id: legal,
    legal_hold_id: hold,
    job_id: EXPORT,
    running_job: RUNNING,
    task_id: tasks.body['data']![0]!['id']!,
    label: firstLabel(settings),
    app_id: app.body['id']!,
  };
  return { board, ids, items, email };
}

const firstLabel = (settings: Body): string => settings['labels']![0]!['id']!;
