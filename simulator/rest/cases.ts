import { json, noContent } from '../http/answer.js';
import { invalidField, notFound } from '../http/api-error.js';
import { param, type Call, type Handlers } from '../http/call.js';
import { stamps, touch } from '../state/boards.js';
import { isoSeconds } from '../state/clock.js';
import { userByEmail } from '../state/invite.js';
import type { Stamps } from '../state/board.js';
import type { LegalCase, LegalHold } from '../state/records.js';
import { orgOf } from './orgs.js';
import { enterprisePage } from './pages.js';

interface CaseInput {
  name: string;
  description?: string;
}
interface HoldInput extends CaseInput {
  scope: { users: { email: string }[] };
}

/** eDiscovery: cases and legal holds are remembered; what they hold back is not acted out. */
export const cases: Handlers = {
  'get-all-cases': (call) => {
    const org = orgOf(call);
    const found = [...call.sim.world.cases.values()].filter(({ orgId }) => orgId === org.id);
    return json(200, {
      ...enterprisePage(
        call,
        found,
        ({ id }) => id,
        (c) => caseView(call, c),
      ),
      total: found.length,
    });
  },
  'create-case': (call) => {
    const { name, description = '' } = call.body as CaseInput;
    const { id: userId } = call.actor.user;
    const made = {
      id: call.sim.ids.next(),
      orgId: orgOf(call).id,
      name,
      description,
      holds: new Map<string, LegalHold>(),
    };
    const legal: LegalCase = { ...made, ...stamps(call.sim.clock.now(), userId) };
    call.sim.world.cases.set(legal.id, legal);
    return json(200, caseView(call, legal));
  },
  'get-case': (call) => json(200, caseView(call, caseOf(call))),
  'edit-case': (call) => {
    const legal = caseOf(call);
    const { name, description = '' } = call.body as CaseInput;
    touch(call.sim, call.actor.user.id, Object.assign(legal, { name, description }));
    return json(200, caseView(call, legal));
  },
  'delete-case': (call) => {
    call.sim.world.cases.delete(caseOf(call).id);
    return noContent;
  },
  'get-legal-hold-export-jobs': (call) => {
    caseOf(call);
    return json(
      200,
      enterprisePage(
        call,
        [] as string[],
        (id) => id,
        (id) => ({ id }),
      ),
    );
  },

  'get-all-legal-holds': (call) => {
    const legal = caseOf(call);
    const found = [...legal.holds.values()];
    return json(200, {
      ...enterprisePage(
        call,
        found,
        ({ id }) => id,
        (h) => holdView(call, legal, h),
      ),
      total: found.length,
    });
  },
  'create-legal-hold': (call) => {
    const legal = caseOf(call);
    const { name, description = '', scope } = call.body as HoldInput;
    const made = { id: call.sim.ids.next(), name, description, userIds: usersOf(call, scope) };
    const hold: LegalHold = { ...made, ...stamps(call.sim.clock.now(), call.actor.user.id) };
    legal.holds.set(hold.id, hold);
    return json(200, holdView(call, legal, hold));
  },
  'get-legal-hold': (call) => json(200, holdView(call, caseOf(call), holdOf(call))),
  'edit-legal-hold': (call) => {
    const hold = holdOf(call);
    const { name, description = '', scope } = call.body as HoldInput;
    touch(call.sim, call.actor.user.id, Object.assign(hold, { name, description, userIds: usersOf(call, scope) }));
    return json(200, holdView(call, caseOf(call), hold));
  },
  'delete-legal-hold': (call) => {
    caseOf(call).holds.delete(holdOf(call).id);
    return noContent;
  },
  'get-legal-hold-content-items': (call) => {
    const { userIds } = holdOf(call);
    const boards = [...call.sim.world.boards.values()].filter(({ ownerId }) => userIds.includes(ownerId));
    const show = ({ id, name }: { id: string; name: string }): unknown => ({ id, contentId: id, name, type: 'board' });
    return json(200, { ...enterprisePage(call, boards, ({ id }) => id, show), total: boards.length });
  },
};

function caseOf(call: Call): LegalCase {
  const org = orgOf(call);
  const found = call.sim.world.cases.get(param(call, 'case_id'));
  if (found?.orgId !== org.id) throw notFound('Case not found');
  return found;
}

function holdOf(call: Call): LegalHold {
  const hold = caseOf(call).holds.get(param(call, 'legal_hold_id'));
  if (!hold) throw notFound('Legal hold not found');
  return hold;
}

function usersOf(call: Call, scope: HoldInput['scope']): string[] {
  return scope.users.map(({ email }) => {
    const user = userByEmail(call.sim, email);
    if (!user) throw invalidField('scope.users', `Nobody has the e-mail ${email}`);
    return user.id;
  });
}

function person({ sim }: Call, id: string): Record<string, unknown> {
  const user = sim.world.users.get(id);
  const [firstName = '', ...rest] = (user?.name ?? '').split(' ');
  return { id, email: user?.email ?? '', firstName, lastName: rest.join(' ') };
}

const stampsView = (call: Call, { createdAt, createdBy, modifiedAt, modifiedBy }: Stamps): Record<string, unknown> => ({
  createdAt: isoSeconds(createdAt),
  createdBy: person(call, createdBy),
  lastModifiedAt: isoSeconds(modifiedAt),
  lastModifiedBy: person(call, modifiedBy),
});

function caseView(call: Call, legal: LegalCase): Record<string, unknown> {
  const { id, orgId, name, description } = legal;
  return { id, organizationId: orgId, name, description, ...stampsView(call, legal) };
}

function holdView(call: Call, legal: LegalCase, hold: LegalHold): Record<string, unknown> {
  const { id, name, description, userIds } = hold;
  const scope = { users: userIds.map((userId) => person(call, userId)) };
  const rest = { state: 'ACTIVE', scope, ...stampsView(call, hold) };
  return { id, organizationId: legal.orgId, caseId: legal.id, name, description, ...rest };
}
