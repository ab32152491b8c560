/** The activities that write, each with what comes before it and the one thing that it leaves. */
import type { Activities } from '../../activities/index.js';
import type { ProvisionBoardInput } from '../../contract.js';
import type { SimulatedBoard, Stage } from './stage.js';

export interface Subject {
  name: string;
  /** Asked for beside the name. */
  input?: (stage: Stage) => Promise<Partial<ProvisionBoardInput>>;
  /** What the job has done before. Default: its board. */
  before?: (job: Job) => Promise<unknown>;
  step: (activities: Activities, jobId: string) => Promise<unknown>;
  /** The request that writes. */
  write: { method: string; path: string };
  /** The step's name in the ledger. */
  ledgerStep: string;
  /** What there must be one of. */
  things: (board: SimulatedBoard) => unknown[];
}

export interface Job {
  stage: Stage;
  jobId: string;
  input: ProvisionBoardInput;
}

const sticky = (id: string, content: string, more: object = {}) => ({
  ...{ id, type: 'sticky_note' as const, content, position: { x: 200, y: 200 } },
  ...more,
});
const pair = [sticky('one', 'First'), sticky('two', 'Second', { position: { x: 600, y: 200 } })];
const blueprint = (parts: object) => () =>
  Promise.resolve({ template: { blueprint: { version: 1 as const, ...parts } } });

/** Makes the job's board. */
export const board = ({ stage, jobId }: Job) => stage.untilDone((activities) => activities.ensureBoard({ jobId }));
const items = async (job: Job) => {
  await board(job);
  await job.stage.untilDone((activities) => activities.ensureItems({ jobId: job.jobId, batch: 0 }));
};

/** A board of the connection's user, with a placeholder in its text. */
const template = async (stage: Stage): Promise<Partial<ProvisionBoardInput>> => {
  const { id } = await stage.act('create-board', { name: 'Template' });
  await stage.act('add-sticky', { boardId: id, content: 'Goal of {{project}}', position: { x: 0, y: 0 } });
  return { template: { copyFrom: id }, placeholders: { project: 'Apollo' } };
};

const userOf = async (stage: Stage, email: string): Promise<string> =>
  (await stage.state()).users.find((user) => user.email === email)?.id ?? '';
const BEN = 'ben@nordlicht.example';

export const SUBJECTS: Subject[] = [
  {
    name: 'ensureBoard, from nothing',
    before: () => Promise.resolve(),
    step: (activities, jobId) => activities.ensureBoard({ jobId }),
    write: { method: 'POST', path: '/v2/boards' },
    ledgerStep: 'board',
    things: (made) => [made],
  },
  {
    name: 'ensureBoard, as a copy',
    input: template,
    before: () => Promise.resolve(),
    step: (activities, jobId) => activities.ensureBoard({ jobId }),
    write: { method: 'PUT', path: '/v2/boards' },
    ledgerStep: 'board',
    things: (made) => [made],
  },
  {
    name: 'ensureItems, in bulk',
    input: blueprint({ items: pair }),
    step: (activities, jobId) => activities.ensureItems({ jobId, batch: 0 }),
    write: { method: 'POST', path: '/v2/boards/*/items/bulk' },
    ledgerStep: 'items',
    things: (made) => (made.items.length === 2 ? [made.items] : made.items),
  },
  {
    name: 'ensureItems, a flowchart shape',
    input: blueprint({
      items: [
        { id: 'start', type: 'shape', shape: 'flow_chart_terminator', content: 'Start', position: { x: 0, y: 0 } },
      ],
    }),
    step: (activities, jobId) => activities.ensureItems({ jobId, batch: 0 }),
    write: { method: 'POST', path: '/v2/boards/*/shapes' },
    ledgerStep: 'items',
    things: (made) => made.items,
  },
  {
    name: 'ensureRecordCard',
    input: () => Promise.resolve({ recordUrl: 'https://crm.example.com/deals/4711' }),
    step: (activities, jobId) => activities.ensureRecordCard({ jobId }),
    write: { method: 'POST', path: '/v2/boards/*/cards' },
    ledgerStep: 'record',
    things: (made) => made.items,
  },
  {
    name: 'ensureTags, creating one',
    input: blueprint({ items: pair, tags: [{ id: 'tag', title: 'Important' }] }),
    before: items,
    step: (activities, jobId) => activities.ensureTags({ jobId }),
    write: { method: 'POST', path: '/v2/boards/*/tags' },
    ledgerStep: 'tag',
    things: (made) => made.tags,
  },
  {
    name: 'ensureTags, attaching one',
    input: blueprint({ items: [sticky('one', 'First', { tags: ['tag'] })], tags: [{ id: 'tag', title: 'Important' }] }),
    before: items,
    step: (activities, jobId) => activities.ensureTags({ jobId }),
    write: { method: 'POST', path: '/v2/boards/*/items/*' },
    ledgerStep: 'attach',
    things: (made) => made.items.flatMap(({ tagIds }) => tagIds),
  },
  {
    name: 'ensureConnectors',
    input: blueprint({ items: pair, connectors: [{ id: 'line', from: 'one', to: 'two', caption: 'leads to' }] }),
    before: items,
    step: (activities, jobId) => activities.ensureConnectors({ jobId }),
    write: { method: 'POST', path: '/v2/boards/*/connectors' },
    ledgerStep: 'connector',
    things: (made) => made.connectors,
  },
  {
    name: 'shareBoard',
    input: () => Promise.resolve({ members: [{ email: 'anna@example.com', role: 'editor' }] }),
    step: (activities, jobId) => activities.shareBoard({ jobId, share: 0 }),
    write: { method: 'POST', path: '/v2/boards/*/members' },
    ledgerStep: 'share',
    things: (made) => made.members.filter(({ email, role }) => email === 'anna@example.com' && role === 'editor'),
  },
  {
    name: 'ensureMembers',
    input: async (stage) => ({ members: [{ userId: await userOf(stage, BEN), role: 'editor' }] }),
    before: async (job) => {
      const { boardId } = (await board(job)) as { boardId: string };
      await job.stage.act('change-role', { user: BEN, boardId, role: 'viewer' });
    },
    step: (activities, jobId) => activities.ensureMembers({ jobId }),
    write: { method: 'PATCH', path: '/v2/boards/*/members/*' },
    ledgerStep: 'member',
    things: (made) => made.members.filter(({ email, role }) => email === BEN && role === 'editor'),
  },
  {
    name: 'ensureProject',
    input: async (stage) => ({ ...(await template(stage)), projectId: (await launch(stage)).id }),
    step: (activities, jobId) => activities.ensureProject({ jobId }),
    write: { method: 'PATCH', path: '/v2/boards/*' },
    ledgerStep: 'project',
    things: (made) => [made.project?.id].filter(Boolean),
  },
  {
    name: 'fillCopiedTexts',
    input: template,
    step: (activities, jobId) => activities.fillCopiedTexts({ jobId }),
    write: { method: 'PATCH', path: '/v2/boards/*/sticky_notes/*' },
    ledgerStep: 'fill',
    things: (made) => made.items.filter(({ data }) => data.content?.includes('Goal of Apollo')),
  },
  {
    name: 'applyDifferences',
    input: blueprint({ items: [sticky('one', 'Before')] }),
    before: async (job) => {
      await items(job);
      const template = { blueprint: { version: 1 as const, items: [sticky('one', 'After')] } };
      const input = { ...job.input, template, onChange: 'apply' as const };
      await job.stage.untilDone((activities) => activities.adoptSpec({ jobId: job.jobId, input }));
    },
    step: (activities, jobId) => activities.applyDifferences({ jobId }),
    write: { method: 'PATCH', path: '/v2/boards/*/sticky_notes/*' },
    ledgerStep: 'change',
    things: (made) => made.items.filter(({ data }) => data.content?.includes('After')),
  },
];

const launch = async (stage: Stage): Promise<{ id: string }> => {
  const project = (await stage.state()).projects.find(({ name }) => name === 'Launch');
  if (!project) throw new Error('the small world has no project Launch');
  return project;
};
