/** `onChange: 'apply'`: what a later input of the same key wants, brought onto the board where it still shows what the earlier one wanted. */
import type { Difference } from '../contract.js';
import { changes, type SpecChange } from '../jobs/provision-board/differences.js';
import { sameText } from '../jobs/provision-board/html.js';
import { connectorBody, RECORD_ID, type BoardPlan, type PlannedItem } from '../jobs/provision-board/plan.js';
import {
  boards,
  connectors,
  items,
  tags,
  type Board,
  type Call,
  type Connector,
  type Item,
  type Tag,
} from '../miro/index.js';
import type { Caller } from './calls.js';
import { ensureSet } from './set-effect.js';
import { madeBy, type Made } from './found-items.js';
import { updateCall } from './items.js';
import { isRefusal } from './outcomes.js';
import { boardOf, callerFor, effectId, loadJob, planOf, type CallingDeps, type JobContext } from './job-context.js';
import { inGroups } from './parallel.js';

type Verdict = Pick<Difference, 'outcome' | 'reason'>;

export const createChangeActivities = (deps: CallingDeps) => ({
  /** Applies the job's newest revision to its board, field by field. Effect: set; what people have changed since is kept and told. */
  async applyDifferences({ jobId }: { jobId: string }): Promise<Difference[]> {
    const job = await loadJob(deps, jobId);
    const { previous } = job.stored;
    if (!previous) return [];
    const change = {
      deps,
      job,
      made: await madeBy(deps.db, jobId),
      old: planOf(job.mark, { spec: previous, before: [] }),
      now: planOf(job.mark, { spec: job.spec, before: [] }),
    };
    const groups = [...bySubject(changes(previous, job.spec))];
    const told = await inGroups(
      groups,
      ([subject]) => subject,
      async ([subject, group]) => tell(group, await applied(change, subject, group)),
    );
    return told.flat();
  },
});

interface Change {
  deps: CallingDeps;
  job: JobContext;
  made: Made;
  old: BoardPlan;
  now: BoardPlan;
}

const DONE: Verdict = { outcome: 'applied' };
const kept = (reason: string): Verdict => ({ outcome: 'kept', reason });
const refused = (reason: string): Verdict => ({ outcome: 'refused', reason });
const TAGS_STAY = kept('a tag that an item has stays on it; take it off by hand');

const tell = (group: SpecChange[], verdict: Verdict): Difference[] =>
  group.map((change) => {
    const { field, before, after } = change;
    return { field, before: short(before), after: short(after), ...(takesTagOff(change) ? TAGS_STAY : verdict) };
  });

/** Tags are only ever added to an item. */
function takesTagOff({ kind, before, after }: SpecChange): boolean {
  const wanted = new Set(after.split(', '));
  return kind === 'retagged' && before !== '' && before.split(', ').some((tag) => !wanted.has(tag));
}

/** One write per object: its changes belong together. */
function bySubject(all: SpecChange[]): Map<string, SpecChange[]> {
  const groups = new Map<string, SpecChange[]>();
  for (const change of all) {
    const subject =
      change.part === 'board' || change.part === 'policy'
        ? `${change.part}:${change.id}`
        : `${change.part}:${change.id}:${verb(change)}`;
    groups.set(subject, [...(groups.get(subject) ?? []), change]);
  }
  return groups;
}

// Added parts come with the content that follows; removed ones stay, since people may use them.
const verb = ({ kind }: SpecChange): 'added' | 'removed' | 'changed' =>
  kind === 'added' || kind === 'removed' ? kind : 'changed';

async function applied(change: Change, subject: string, group: SpecChange[]): Promise<Verdict> {
  const [first] = group;
  if (!first) return DONE;
  try {
    return await verdictOn(change, subject, first, group);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return refused(error.message);
  }
}

async function verdictOn(change: Change, subject: string, first: SpecChange, group: SpecChange[]): Promise<Verdict> {
  const { part, id } = first;
  if (part === 'board' || part === 'policy') return await applyToBoard(change, subject, first);
  if (part === 'template' || part === 'placeholder')
    return refused('the template of a board that exists cannot change; open a new episode with again');
  if (part === 'member')
    return first.kind === 'removed' ? kept('nobody is taken off a board by a changed input') : DONE;
  if (first.kind === 'added') return DONE;
  if (first.kind === 'removed') return kept('what is on the board stays there; remove it by hand if nobody uses it');
  if (first.kind === 'reordered') return refused("Miro's API cannot change what lies above what");
  if (group.some(({ field }) => field.endsWith('.type')))
    return refused('an item cannot become another type; give it a new id');
  switch (part) {
    case 'item':
    case 'frame':
      return await applyToItem(change, id);
    case 'record':
      return await applyToItem(change, RECORD_ID);
    case 'connector':
      return await applyToConnector(change, id);
    case 'tag':
      return await applyToTag(change, id);
  }
}

/** Reads, and writes only where the object still is as the earlier revision wanted it. */
async function set<V>(
  change: Change,
  subject: string,
  part: {
    call(caller: Caller): Call<V>;
    isOld(v: V): boolean;
    isNew(v: V): boolean;
    write(caller: Caller): Call<unknown>;
  },
): Promise<Verdict> {
  const { deps, job } = change;
  const caller = callerFor(deps, job, `change:${subject}`);
  let foreign = false;
  await ensureSet(deps.db, caller, {
    id: effectId(job, 'change', `r${job.stored.revision}:${subject}`),
    times: deps.timings.single,
    read: () => caller.send(part.call(caller)),
    holds: (value) => {
      foreign = !part.isNew(value) && !part.isOld(value);
      return foreign || part.isNew(value);
    },
    write: async (_, ready) => void (await caller.send(part.write(caller), ready)),
  });
  return foreign ? kept('people have changed it on the board since') : DONE;
}

async function applyToBoard(change: Change, subject: string, { part, id }: SpecChange): Promise<Verdict> {
  const { boardId } = boardOf(change.job);
  const [old, now] = [change.old, change.now].map(({ board }) => boardField(board, part, id));
  const shown = (board: Board): unknown =>
    boardField({ ...board, teamId: board.team?.id, projectId: board.project?.id }, part, id);
  if (now === undefined) return kept('the new input does not say what it shall be');
  return await set<Board>(change, subject, {
    call: () => boards.get(boardId),
    isOld: (board) => old === undefined || shown(board) === old,
    isNew: (board) => shown(board) === now,
    write: () => boards.update(boardId, part === 'board' ? { [id]: now } : { policy: nested(id, now) }),
  });
}

function boardField(board: object, part: SpecChange['part'], path: string): unknown {
  const full = part === 'policy' ? ['policy', ...path.split('.')] : [path];
  return full.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    board,
  );
}

const nested = (path: string, value: unknown): object => {
  const [key = '', ...rest] = path.split('.');
  return { [key]: rest.length === 0 ? value : nested(rest.join('.'), value) };
};

async function applyToItem(change: Change, id: string): Promise<Verdict> {
  const { boardId } = boardOf(change.job);
  const itemId = change.made.items[id];
  const [old, now] = [change.old, change.now].map((plan) => plannedOf(plan, id));
  if (!itemId || !old || !now) return refused('it is not on the board');
  const update = updateCall(now.body.type);
  const frameOf = ({ frame }: PlannedItem) => (frame === undefined ? undefined : change.made.items[frame]);
  const parent = frameOf(now);
  if (!update || (now.frame !== undefined && !parent)) return refused('its frame is not on the board');
  if (old.frame !== undefined && now.frame === undefined) return kept('it stays in its frame; take it out by hand');
  const { type: _, ...body } = now.body;
  return await set<Item>(change, `item:${id}`, {
    call: () => items.get(boardId, itemId),
    isOld: (item) => looksLike(item, old) && item.parent?.id === frameOf(old),
    isNew: (item) => looksLike(item, now) && item.parent?.id === parent && sameStyle(item, now) && isDue(item, now),
    write: () => update(boardId, itemId, { ...body, ...(parent ? { parent: { id: parent } } : {}) }),
  });
}

const plannedOf = ({ batches, record }: BoardPlan, id: string): PlannedItem | undefined =>
  id === RECORD_ID ? record : batches.flat().find((item) => item.id === id);

function looksLike(item: Item, { body }: PlannedItem): boolean {
  const words = (['content', 'title', 'description'] as const).every((field) =>
    sameText(item.data[field], body.data[field]),
  );
  const near = (a: number | undefined, b: number): boolean => a === undefined || Math.abs(a - b) < 1;
  return words && near(item.position?.x, body.position.x) && near(item.position?.y, body.position.y);
}

// Miro answers a time for a date.
function isDue({ data: { dueDate: shown } }: Item, { body: { data } }: PlannedItem): boolean {
  const wanted = data['dueDate'];
  return wanted === undefined || Date.parse(String(shown)) === Date.parse(wanted);
}

function sameStyle(item: Item, { body }: PlannedItem): boolean {
  const { geometry = {}, style = {} } = body;
  const sizes = (['width', 'height', 'rotation'] as const).every(
    (side) => geometry[side] === undefined || Math.abs((item.geometry?.[side] ?? 0) - geometry[side]) < 1,
  );
  return (
    sizes &&
    Object.entries(style).every(([key, value]) => same(item.style[key], value)) &&
    same(item.data.shape ?? body.data['shape'], body.data['shape'])
  );
}

// Miro answers '1.0' for '1' and '#FFF' for '#fff'.
function same(shown: unknown, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const text = String(shown).toLowerCase();
  return text === wanted.toLowerCase() || (text !== '' && Number(text) === Number(wanted));
}

async function applyToConnector(change: Change, id: string): Promise<Verdict> {
  const { boardId } = boardOf(change.job);
  const connectorId = change.made.connectors[id];
  const [old, now] = [change.old, change.now].map((plan) => plan.connectors.find((connector) => connector.id === id));
  if (!connectorId || !old || !now) return refused('it is not on the board');
  const ends = (planned: typeof now) => ({
    from: change.made.items[planned.from] ?? '',
    to: change.made.items[planned.to] ?? '',
  });
  const is = (shown: Connector, planned: typeof now): boolean =>
    shown.startItem?.id === ends(planned).from &&
    shown.endItem?.id === ends(planned).to &&
    sameText(shown.captions[0]?.content, planned.body.captions?.[0]?.content);
  const styled = (shown: Connector): boolean =>
    same(shown.shape, now.body.shape) &&
    Object.entries(now.body.style ?? {}).every(([key, value]) => same(shown.style[key], value));
  return await set<Connector>(change, `connector:${id}`, {
    call: () => connectors.get(boardId, connectorId),
    isOld: (shown) => is(shown, old),
    isNew: (shown) => is(shown, now) && styled(shown),
    write: () =>
      connectors.update(boardId, connectorId, connectorBody(now, ends(now)) as Parameters<typeof connectors.update>[2]),
  });
}

async function applyToTag(change: Change, id: string): Promise<Verdict> {
  const { boardId } = boardOf(change.job);
  const tagId = change.made.tags[id];
  const [old, now] = [change.old, change.now].map((plan) => plan.tags.find((tag) => tag.id === id));
  if (!tagId || !old || !now) return refused('it is not on the board');
  return await set<Tag>(change, `tag:${id}`, {
    call: () => tags.get(boardId, tagId),
    isOld: (tag) => tag.title === old.body.title,
    isNew: (tag) => tag.title === now.body.title && same(tag.fillColor, now.body.fillColor),
    write: () => tags.update(boardId, tagId, now.body),
  });
}

const short = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 79)}…`);
