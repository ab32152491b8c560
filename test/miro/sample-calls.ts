import * as miro from '../../miro/index.js';
import type { Call, ScimCall } from '../../miro/index.js';

const JOB = '4f3c1a52-8d1f-4c53-9a7e-0f8c3d7a9b11';
const TASK = '9394a815-86ea-418c-8bfc-71772fdb692d';
const ITEM = { position: { x: 1, y: 2 } };
const from = new Date('2026-03-01T00:00:00Z');
const ofType = (name: string, group: typeof miro.cards, body: miro.ItemBody): Samples => ({
  [name]: {
    create: group.create('b', body),
    get: group.get('b', '1'),
    update: group.update('b', '1', body),
    delete: group.delete('b', '1'),
  },
});
type Samples = Record<string, Record<string, Call<unknown> | ScimCall<unknown>>>;

const { boards, boardMembers, items, connectors, tags, projects, projectMembers, oauth, orgMembers } = miro;
const { teams, teamMembers, userGroups, userGroupMembers, userGroupTeams, classification, boardExports } = miro;
const { teamUserGroups, boardUserGroups, projectUserGroups, itemGroups, docs, scimUsers, scimGroups, scimDiscovery } =
  miro;
const SAMPLES: Samples = {
  boards: {
    get: boards.get('b'),
    list: boards.list({ teamId: '1', projectId: '2', query: 'x', owner: '3', sort: 'alphabetically' }),
    create: boards.create({ name: 'x', description: 'y', teamId: '1', policy: { sharingPolicy: { access: 'view' } } }),
    copy: boards.copy({ from: 'b', name: 'x', policy: { permissionsPolicy: { copyAccess: 'anyone' } } }),
    update: boards.update('b', { name: 'x' }),
    delete: boards.delete('b'),
  },
  boardMembers: {
    list: boardMembers.list('b'),
    get: boardMembers.get('b', '1'),
    share: boardMembers.share('b', { emails: ['a@x.de'], role: 'editor', message: 'Hi' }),
    update: boardMembers.update('b', '1', { role: 'viewer' }),
    remove: boardMembers.remove('b', '1'),
  },
  items: {
    list: items.list('b', { type: 'card' }),
    get: items.get('b', '1'),
    createBulk: items.createBulk('b', [{ type: 'sticky_note', data: { content: 'x' }, ...ITEM }]),
    move: items.move('b', '1', { ...ITEM, parent: { id: '2' } }),
    delete: items.delete('b', '1'),
  },
  ...ofType('stickyNotes', miro.stickyNotes, { data: { content: 'x', shape: 'square' }, style: { fillColor: 'cyan' } }),
  ...ofType('shapes', miro.shapes, { data: { shape: 'circle' }, geometry: { width: 9, height: 9, rotation: 0 } }),
  ...ofType('texts', miro.texts, { data: { content: 'x' }, style: { fontSize: '14' }, ...ITEM }),
  ...ofType('frames', miro.frames, { data: { title: 'x', format: 'custom', type: 'freeform' }, ...ITEM }),
  ...ofType('cards', miro.cards, {
    data: { title: 'x', dueDate: '2026-03-01T00:00:00Z' },
    style: { cardTheme: '#2d9bf0' },
  }),
  ...ofType('appCards', miro.appCards, { data: { title: 'x', status: 'connected', fields: [{ value: 'y' }] } }),
  ...ofType('images', miro.images, { data: { url: 'https://x.de/a.png' } }),
  ...ofType('documents', miro.documents, { data: { url: 'https://x.de/a.pdf' } }),
  ...ofType('embeds', miro.embeds, { data: { url: 'https://x.de', mode: 'inline' } }),
  docs: { create: docs.create('b', '# x', ITEM), get: docs.get('b', '1'), delete: docs.delete('b', '1') },
  connectors: {
    list: connectors.list('b'),
    get: connectors.get('b', '1'),
    create: connectors.create('b', { startItem: { id: '1', snapTo: 'auto' }, endItem: { id: '2' }, shape: 'curved' }),
    update: connectors.update('b', '1', { captions: [{ content: 'x', position: '50%' }] }),
    delete: connectors.delete('b', '1'),
  },
  tags: {
    list: tags.list('b'),
    get: tags.get('b', '1'),
    create: tags.create('b', { title: 'x', fillColor: 'red' }),
    update: tags.update('b', '1', { title: 'y', fillColor: 'red' }),
    delete: tags.delete('b', '1'),
    attach: tags.attach('b', '1', '2'),
    detach: tags.detach('b', '1', '2'),
    ofItem: tags.ofItem('b', '1'),
  },
  itemGroups: {
    list: itemGroups.list('b'),
    get: itemGroups.get('b', '1'),
    create: itemGroups.create('b', ['1', '2']),
    replace: itemGroups.replace('b', '1', ['1', '2']),
    ungroup: itemGroups.ungroup('b', '1'),
    deleteWithItems: itemGroups.deleteWithItems('b', '1'),
  },
  projects: {
    list: projects.list('1', '2'),
    get: projects.get('1', '2', '3'),
    create: projects.create('1', '2', { name: 'x' }),
    update: projects.update('1', '2', '3', { name: 'x' }),
    delete: projects.delete('1', '2', '3'),
    settings: projects.settings('1', '2', '3'),
    updateSettings: projects.updateSettings('1', '2', '3', { sharingPolicySettings: { teamAccess: 'view' } }),
  },
  projectMembers: {
    list: projectMembers.list('1', '2', '3'),
    add: projectMembers.add('1', '2', '3', { email: 'a@x.de', role: 'commentator' }),
    update: projectMembers.update('1', '2', '3', '4', { role: 'editor' }),
    remove: projectMembers.remove('1', '2', '3', '4'),
  },
  oauth: { introspect: oauth.introspect() },
  organizations: { get: miro.organizations.get('1') },
  orgMembers: {
    list: orgMembers.list('1', { role: 'organization_internal_user', active: true }),
    get: orgMembers.get('1', '2'),
  },
  teams: {
    list: teams.list('1', { name: 'x' }),
    get: teams.get('1', '2'),
    create: teams.create('1', { name: 'x' }),
    update: teams.update('1', '2', { name: 'x' }),
    delete: teams.delete('1', '2'),
    settings: teams.settings('1', '2'),
    updateSettings: teams.updateSettings('1', '2', { teamCollaborationSettings: { coOwnerRole: 'enabled' } }),
    defaultSettings: teams.defaultSettings('1'),
  },
  teamMembers: {
    list: teamMembers.list('1', '2', { role: 'admin' }),
    get: teamMembers.get('1', '2', '3'),
    invite: teamMembers.invite('1', '2', { email: 'a@x.de', role: 'member' }),
    update: teamMembers.update('1', '2', '3', { role: 'admin' }),
    remove: teamMembers.remove('1', '2', '3'),
  },
  userGroups: {
    list: userGroups.list('1'),
    get: userGroups.get('1', '2'),
    create: userGroups.create('1', { name: 'x', description: 'y' }),
    update: userGroups.update('1', '2', { name: 'x' }),
    delete: userGroups.delete('1', '2'),
  },
  userGroupMembers: {
    list: userGroupMembers.list('1', '2'),
    get: userGroupMembers.get('1', '2', '3'),
    add: userGroupMembers.add('1', '2', { email: 'a@x.de' }),
    remove: userGroupMembers.remove('1', '2', '3'),
    change: userGroupMembers.change('1', '2', { membersToAdd: ['a@x.de'], membersToRemove: ['3'] }),
  },
  userGroupTeams: { list: userGroupTeams.list('1', '2'), get: userGroupTeams.get('1', '2', '3') },
  teamUserGroups: {
    list: teamUserGroups.list('1', '2'),
    add: teamUserGroups.add('1', '2', '3'),
    remove: teamUserGroups.remove('1', '2', '3'),
  },
  boardUserGroups: {
    list: boardUserGroups.list('1', 'b'),
    share: boardUserGroups.share('1', 'b', { userGroupIds: ['1'], role: 'EDITOR' }),
    remove: boardUserGroups.remove('1', 'b', '2'),
  },
  projectUserGroups: {
    list: projectUserGroups.list('1', '2'),
    share: projectUserGroups.share('1', '2', { userGroupIds: ['1'], role: 'VIEWER' }),
    remove: projectUserGroups.remove('1', '2', '3'),
  },
  classification: {
    ofOrganization: classification.ofOrganization('1'),
    ofTeam: classification.ofTeam('1', '2'),
    updateTeam: classification.updateTeam('1', '2', { enabled: true, defaultLabelId: '3' }),
    labelTeamBoards: classification.labelTeamBoards('1', '2', { labelId: '3', notClassifiedOnly: true }),
    ofBoard: classification.ofBoard('1', '2', 'b'),
    labelBoard: classification.labelBoard('1', '2', 'b', { labelId: '3' }),
  },
  boardExports: {
    list: boardExports.list('1'),
    create: boardExports.create('1', {
      requestId: JOB,
      boardIds: ['b'],
      boardFormat: 'PDF',
    }),
    status: boardExports.status('1', JOB),
    cancel: boardExports.cancel('1', JOB),
    results: boardExports.results('1', JOB),
    tasks: boardExports.tasks('1', JOB),
    createLink: boardExports.createLink('1', JOB, TASK),
  },
  auditLogs: { list: miro.auditLogs.list({ from, to: from }) },
  contentLogs: { list: miro.contentLogs.list('1', { from, to: from, boardIds: ['b'], emails: ['a@x.de'] }) },
  sessions: { resetAll: miro.sessions.resetAll('a@x.de') },
  scimUsers: {
    list: scimUsers.list({ filter: 'active eq true', attributes: 'id', sortBy: 'id', sortOrder: 'ascending' }),
    get: scimUsers.get('1'),
    create: scimUsers.create({ userName: 'a@x.de', [miro.ENTERPRISE_USER]: { department: 'R&D' } }),
    replace: scimUsers.replace('1', { userName: 'a@x.de' }),
    patch: scimUsers.patch('1', [{ op: 'Replace', path: 'active', value: 'false' }]),
    delete: scimUsers.delete('1'),
  },
  scimGroups: {
    list: scimGroups.list(),
    get: scimGroups.get('1', { attributes: 'members' }),
    patch: scimGroups.patch('1', [{ op: 'Add', path: 'members', value: [{ value: '2' }] }]),
  },
  scimDiscovery: {
    serviceProviderConfig: scimDiscovery.serviceProviderConfig(),
    resourceTypes: scimDiscovery.resourceTypes(),
    resourceType: scimDiscovery.resourceType('User'),
    schemas: scimDiscovery.schemas(),
    schema: scimDiscovery.schema('urn:ietf:params:scim:schemas:core:2.0:User'),
  },
};
/** One call of every function that makes calls, by the name under which it is exported. */
export const calls = Object.entries(SAMPLES).flatMap(([group, made]) =>
  Object.entries(made).map(([name, call]) => [`${group}.${name}`, call] as const),
);
