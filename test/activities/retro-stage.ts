/** A retro in activities, with issues of the GitHub stand-in: each step as a worker makes it. */
import { createActivities, type Activities, type RecogniseFrom } from '../../activities/index.js';
import type { RetroToTicketsInput } from '../../contract-retro.js';
import { addTracker } from '../../store/trackers.js';
import { startGithub, type GithubOptions, type RunningGithub } from '../trackers/github-stand-in.js';
import type { TestStore } from '../store/database.js';
import { createStage, type Stage } from './stage.js';

export interface RetroStage {
  stage: Stage;
  github: RunningGithub;
  board: string;
  activities: Activities;
  sticky(content: string): Promise<string>;
  /** Opens the job, reads the board and plans. */
  plan(wish?: Partial<RetroToTicketsInput>): Promise<{ jobId: string; planId: string }>;
  /** Looks for what the store has lost, to the end. */
  recognise(of: { jobId: string; planId: string }): Promise<void>;
  /** Tickets to the end of the plan, again after what is retryable. */
  tickets(of: { jobId: string; planId: string }): Promise<void>;
  close(): Promise<void>;
}

/** @param after the same Miro and GitHub, in another run; the store may be another one */
export async function createRetroStage(
  store: TestStore,
  texts: string[],
  after?: RetroStage,
  options?: GithubOptions,
): Promise<RetroStage> {
  const stage = await createStage(store, after ? { after: after.stage } : {});
  const github = after?.github ?? (await startGithub(options));
  const { config, token: secret } = github;
  await addTracker(store.db, store.vault, {
    tenantId: stage.tenantId,
    name: 'issues',
    kind: 'github',
    config,
    secret,
    replace: true,
  });
  const activities = createActivities({ ...stage.deps, allowPrivateWebhooks: true });
  const board = after?.board ?? (await stage.act('create-board', { name: 'Retro' })).id;
  let place = 0;
  const sticky = async (content: string): Promise<string> => {
    const position = { x: 300 * (place += 1), y: 0 };
    return (await stage.act('add-sticky', { boardId: board, content, position })).id;
  };
  for (const text of texts) await sticky(text);
  return {
    ...{ stage, github, board, activities, sticky },
    async plan(wish = {}) {
      const { tenant } = stage;
      const input = { tenant, connectionId: 'default', boardId: board, tracker: 'issues', ...wish };
      const opened = await stage.attempt(() => activities.openRetro({ input }));
      while (!(await stage.untilDone(() => activities.readBoard(opened))).done);
      await stage.untilDone(() => activities.planTickets(opened));
      return opened;
    },
    async recognise(of) {
      for (let from: RecogniseFrom | undefined = { round: 0 }; from !== undefined;) {
        const here: RecogniseFrom = from;
        from = (await stage.untilDone(() => activities.recogniseTickets({ ...of, from: here }))).next;
      }
    },
    async tickets(of) {
      let from: number | undefined = 0;
      while (from !== undefined) {
        const position: number = from;
        from = (await stage.untilDone(() => activities.ensureTickets({ ...of, from: position }))).next;
      }
    },
    async close() {
      await github.close();
      await stage.close();
    },
  };
}
