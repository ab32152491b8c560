import type { BoardRole, ItemOutcome } from '../contract.js';
import { sha256 } from '../ids.js';
import { boardMembers, orgMembers, type BoardMember, type Shared } from '../miro/index.js';
import { getEffect } from '../store/effects.js';
import { find, type Caller } from './calls.js';
import { recordFact, type EffectId } from './effects.js';
import { ensureSent } from './send-effect.js';
import { ensureSet } from './set-effect.js';
import { isRefusal, record, recorded, type Recorded } from './outcomes.js';
import { boardOf, callerFor, effectId, loadJob, type CallingDeps, type JobContext } from './job-context.js';
import { inGroups } from './parallel.js';
import { report, type StepReport } from './report.js';

interface Share {
  role: BoardRole;
  emails: string[];
}

export const createMemberActivities = (deps: CallingDeps) => ({
  /**
   * Invites up to 20 people with one role. Effect: send; after a lost answer it is sent again, and reported so.
   * A share that Miro refuses whole is sent again person by person.
   */
  async shareBoard({ jobId, share: index }: { jobId: string; share: number }): Promise<StepReport> {
    const job = await loadJob(deps, jobId);
    const share = job.plan.members.shares[index];
    if (!share) return report([]);
    const split = effectId(job, 'share-split', subjectOf(share));
    if (!(await getEffect(deps.db, { jobId, key: `${split.step}:${split.subject}` }))) {
      try {
        return report(await shareWith(deps, job, share));
      } catch (error) {
        if (!isRefusal(error)) throw error;
        if (share.emails.length > 1) await recordFact(deps.db, split);
        else return report([await recordMember(deps, job, share, share.emails[0] ?? '', error.message)]);
      }
    }
    return report(
      await inGroups(
        share.emails,
        (email) => email,
        (email) => shareWithOne(deps, job, { role: share.role, emails: [email] }),
      ),
    );
  },

  /** Gives members known by user id their roles. Effect: set. Who is no member yet is invited by the address that the organisation knows. */
  async ensureMembers({ jobId }: { jobId: string }): Promise<StepReport> {
    const job = await loadJob(deps, jobId);
    const { byId } = job.plan.members;
    return report(
      await inGroups(
        byId,
        ({ userId }) => userId,
        (member) => ensureMember(deps, job, member),
      ),
    );
  },
});

// People's addresses stay out of keys.
const subjectOf = ({ role, emails }: Share): string => `${role}:${sha256(emails.join('\n')).slice(0, 24)}`;

/** Says of each person of a share whose answer never came that nobody knows: a send cannot be looked for. */
export async function recordUnanswered(deps: CallingDeps, job: JobContext, subject: string): Promise<void> {
  const sent = job.plan.members.shares
    .flatMap((share) => [share, ...share.emails.map((email) => ({ role: share.role, emails: [email] }))])
    .find((share) => subjectOf(share) === subject);
  const reason = 'the answer to the invitation was lost: it may or may not have gone out';
  const remedy = 'look at the members of the board and invite by hand who is missing';
  for (const email of sent?.emails ?? [])
    await record(deps, job, `member ${email}`, { outcome: 'failed', detail: { reason, remedy } });
}

async function shareWith(deps: CallingDeps, job: JobContext, share: Share): Promise<ItemOutcome[]> {
  const subject = subjectOf(share);
  const sent = await ensureSent<Shared, Shared & Record<string, unknown>>(
    deps.db,
    callerFor(deps, job, `share:${subject}`),
    {
      id: effectId(job, 'share', subject),
      times: deps.timings.single,
      call: boardMembers.share(boardOf(job).boardId, share),
      result: (answer) => ({ ...answer }),
    },
  );
  if (!sent) {
    await recordUnanswered(deps, job, subject);
    return share.emails.map(() => 'failed');
  }
  const { result, outcome } = sent;
  const outcomes: ItemOutcome[] = [];
  for (const email of share.emails) {
    const failure = result.failed.find((failed) => failed.email.toLowerCase() === email.toLowerCase());
    outcomes.push(await recordMember(deps, job, share, email, failure?.reason, { outcome, repeated: result.repeated }));
  }
  return outcomes;
}

async function shareWithOne(deps: CallingDeps, job: JobContext, share: Share): Promise<ItemOutcome> {
  try {
    return (await shareWith(deps, job, share))[0] ?? 'failed';
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return await recordMember(deps, job, share, share.emails[0] ?? '', error.message);
  }
}

async function recordMember(
  deps: CallingDeps,
  job: JobContext,
  { role }: Share,
  email: string,
  refusal: string | undefined,
  sent: { outcome: 'made' | 'existing'; repeated: boolean } = { outcome: 'made', repeated: false },
): Promise<ItemOutcome> {
  return await record(deps, job, `member ${email}`, invited(role, refusal, sent));
}

function invited(
  role: BoardRole,
  refusal: string | undefined,
  sent: { outcome: 'made' | 'existing'; repeated: boolean },
): Recorded {
  if (refusal !== undefined) {
    const remedy = 'check the address, and whether the organisation lets it be invited';
    return { outcome: 'refused', detail: { reason: `Miro did not invite as ${role}: ${refusal}`, remedy } };
  }
  if (!sent.repeated) return { outcome: sent.outcome };
  return {
    outcome: sent.outcome,
    detail: { reason: 'the first answer was lost, so the invitation may have been sent twice' },
  };
}

async function ensureMember(
  deps: CallingDeps,
  job: JobContext,
  { userId, role }: { userId: string; role: BoardRole },
): Promise<ItemOutcome> {
  const { boardId } = boardOf(job);
  const caller = callerFor(deps, job, `member:${userId}`);
  const id: EffectId = effectId(job, 'member', `${userId}:${role}`);
  return await recorded(deps, job, `member ${userId}`, async () => {
    if (!(await findMember(caller, boardId, userId))) return await inviteById(deps, job, caller, { userId, role });
    const outcome = await ensureSet(deps.db, caller, {
      id,
      times: deps.timings.single,
      read: () => findMember(caller, boardId, userId),
      holds: (member) => member?.role === role || member?.role === 'owner', // who owns the board keeps it
      write: async (_, ready) => void (await caller.send(boardMembers.update(boardId, userId, { role }), ready)),
    });
    return { outcome };
  });
}

async function inviteById(
  deps: CallingDeps,
  job: JobContext,
  caller: Caller,
  { userId, role }: { userId: string; role: BoardRole },
) {
  const { grant } = await caller.token();
  const remedy = 'name this member by e-mail, or link an account with the scope organizations:read';
  if (!grant.orgId || !grant.scopes.includes('organizations:read')) {
    return {
      outcome: 'refused' as const,
      detail: {
        reason: 'is no member yet, and Miro invites by e-mail only, which this connection cannot look up',
        remedy,
      },
    };
  }
  const { email } = await caller.send(orgMembers.get(grant.orgId, userId));
  const [outcome] = await shareWith(deps, job, { role, emails: [email] });
  return { outcome: outcome ?? ('failed' as const) };
}

async function findMember(caller: Caller, boardId: string, userId: string): Promise<BoardMember | undefined> {
  return await find(caller, boardMembers.get(boardId, userId));
}
