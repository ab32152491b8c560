/** When an account takes the place of another: what a person may agree to, and what is said without. */
import type { Command } from 'commander';
import type { Accepted } from '../../store/connections.js';
import type { LinkRefusal } from '../../store/link-sessions.js';
import { CommandError, EXIT } from './exit-codes.js';

export interface AcceptOptions {
  acceptOtherUser?: boolean;
  acceptFewerScopes?: boolean;
}

export function acceptOptions(command: Command): Command {
  return command
    .option('--accept-other-user', 'the account may be another person’s than before: waiting runs go on as that person')
    .option('--accept-fewer-scopes', 'the account may do less than before: waiting runs may fail for it');
}

export const acceptedOf = ({ acceptOtherUser, acceptFewerScopes }: AcceptOptions): Accepted => ({
  otherUser: acceptOtherUser,
  fewerScopes: acceptFewerScopes,
});

const REASONS: Record<LinkRefusal, string> = {
  denied: 'access was denied on Miro’s page; run this again, and choose Allow',
  wrong_team: 'another team was chosen than the one of --team; run this again, and choose that one',
  missing_scopes:
    'no kind of job could run, since the Miro app lacks permissions. Tick those that the browser shows under Profile settings > Your apps > the app > Permissions, and run this again',
  other_user:
    'it is of another Miro user than before. Sign in to Miro as that person, or give --accept-other-user if the change is meant',
  fewer_scopes:
    'it may do less than before. Tick the missing permissions of the Miro app, or give --accept-fewer-scopes if that is meant',
  failed: 'Miro did not confirm it; the line above says why. Run this again',
  expired: 'nobody opened the link in time; run this again',
};

/** Nothing was changed. */
export function linkRefused(reason: LinkRefusal, missing: string[] = []): CommandError {
  const list = missing.length > 0 ? ` (missing: ${missing.join(', ')})` : '';
  return new CommandError(EXIT.notDone, `The account was not linked: ${REASONS[reason]}${list}.`);
}
