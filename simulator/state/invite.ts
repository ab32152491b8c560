import type { Simulation } from '../simulation.js';
import type { User } from './organisation.js';

export const isEmail = (text: string): boolean => /^[^\s@<>"]+@[^\s@.<>"]+(\.[^\s@.<>"]+)+$/.test(text);

export const userByEmail = (sim: Simulation, email: string): User | undefined => {
  const wanted = email.toLowerCase();
  for (const user of sim.world.users.values()) if (user.email.toLowerCase() === wanted) return user;
  return undefined;
};

/**
 * Who an invitation to a board of the team reaches: known people, or a new guest of the organisation.
 * @returns undefined where the invitation fails: a blocked domain, somebody deactivated
 */
export function inviteByEmail(sim: Simulation, teamId: string, email: string, by: User): User | undefined {
  const known = userByEmail(sim, email);
  if (known) return known.active ? known : undefined;
  const team = sim.world.teams.get(teamId);
  const org = sim.world.orgs.get(team?.orgId ?? by.orgId);
  if (!org || org.blockedDomains.includes(email.split('@')[1]!.toLowerCase())) return undefined;
  const guest: User = {
    id: sim.ids.next(),
    orgId: org.id,
    email,
    name: email.split('@')[0]!,
    role: 'organization_team_guest_user',
    license: 'free',
    active: true,
    adminRoles: [],
    createdAt: sim.clock.now(),
    profile: {},
  };
  sim.world.users.set(guest.id, guest);
  return guest;
}
