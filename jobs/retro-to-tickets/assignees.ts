/** Whose a ticket becomes: people on the board, and their accounts in the tracker. */
import type { TicketMapping } from '../../contract-retro.js';
import type { RetroRecord } from './model.js';

/** A person, as far as the board knows them. */
export interface Assignee {
  /** Tells them from others: Miro's id of the author, or the name that a text mentions. */
  key: string;
  name?: string;
  email?: string;
}

type Wish = Pick<TicketMapping, 'assignee' | 'people'>;

/** Whose the record's ticket becomes. */
export function assigneeOf({ author, mention }: RetroRecord, { assignee }: Wish): Assignee | undefined {
  if (assignee === 'mention' && mention !== undefined) return { key: `mention:${folded(mention)}`, name: mention };
  if (assignee !== 'author' || author === undefined) return undefined;
  const { id, name, email } = author;
  return { key: `author:${id}`, ...(name !== undefined && { name }), ...(email !== undefined && { email }) };
}

/** Finds the account that the mapping names: by e-mail address, by name, or by a first name that only one has. */
export function mappedAccounts({ people = {} }: Wish): (person: Assignee) => string | undefined {
  const known = Object.entries(people).map(([person, account]) => ({ person: folded(person), account }));
  return ({ name, email }) => {
    const wanted = [email, name].flatMap((one) => (one === undefined ? [] : [folded(one)]));
    const exact = wanted.flatMap((one) => known.filter(({ person }) => person === one))[0];
    if (exact) return exact.account;
    const byFirstName = known.filter(({ person }) => name !== undefined && person.startsWith(`${folded(name)} `));
    return byFirstName.length === 1 ? byFirstName[0]?.account : undefined;
  };
}

/** Everybody whose account only the tracker can tell, each once. */
export function unmappedAssignees(records: readonly RetroRecord[], mapping: Wish): Assignee[] {
  const asked = new Map<string, Assignee>();
  for (const record of records) {
    const person = assigneeOf(record, mapping);
    if (person) asked.set(person.key, person);
  }
  const accountOf = mappedAccounts(mapping);
  return [...asked.values()].filter((person) => accountOf(person) === undefined);
}

const folded = (text: string): string =>
  (text.includes('@') ? text : text.replace(/[\s._-]+/gu, ' ')).trim().normalize('NFKC').toLowerCase();
