/** A filter as data, how it is written, and what it means: told by hand for the few attributes that the properties use. */
export type Wanted =
  | { kind: 'compare'; path: Path; operator: Operator; value: string }
  | { kind: 'active'; operator: 'eq' | 'ne'; value: boolean }
  | { kind: 'present'; path: Path }
  | { kind: 'entry'; type: 'eq' | 'ne'; wanted: string; operator: Operator; value: string }
  | { kind: 'not'; filter: Wanted }
  | { kind: 'and' | 'or'; left: Wanted; right: Wanted };

export type Operator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';
export const OPERATORS: Operator[] = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'];

export interface Person {
  userName: string;
  displayName: string;
  userType: string;
  active: boolean;
  preferredLanguage?: string;
  name: { familyName: string };
  emails: { type: string; value: string }[];
  roles: { value: string }[];
  groups: { value: string; display: string }[];
}

const READ = {
  userName: ({ userName }: Person) => [userName],
  displayName: ({ displayName }: Person) => [displayName],
  userType: ({ userType }: Person) => [userType],
  preferredLanguage: ({ preferredLanguage }: Person) => (preferredLanguage === undefined ? [] : [preferredLanguage]),
  'name.familyName': ({ name }: Person) => [name.familyName],
  'emails.value': ({ emails }: Person) => emails.map(({ value }) => value),
  'roles.value': ({ roles }: Person) => roles.map(({ value }) => value),
  'groups.display': ({ groups }: Person) => groups.map(({ display }) => display),
};
export type Path = keyof typeof READ;
export const PATHS = Object.keys(READ) as Path[];

export function isWanted(filter: Wanted, person: Person): boolean {
  switch (filter.kind) {
    case 'compare':
      return holds(READ[filter.path](person), filter.operator, filter.value);
    case 'active':
      return (person.active === filter.value) === (filter.operator === 'eq');
    case 'present':
      return READ[filter.path](person).some((value) => value !== '');
    case 'entry':
      return person.emails.some(
        ({ type, value }) =>
          (type === filter.wanted) === (filter.type === 'eq') && holds([value], filter.operator, filter.value),
      );
    case 'not':
      return !isWanted(filter.filter, person);
    case 'and':
      return isWanted(filter.left, person) && isWanted(filter.right, person);
    case 'or':
      return isWanted(filter.left, person) || isWanted(filter.right, person);
  }
}

/** Case does not matter; of several values one is enough, but for `ne` none may be equal. */
function holds(values: string[], operator: Operator, wanted: string): boolean {
  const right = wanted.toLowerCase();
  const tests: Record<Operator, (left: string) => boolean> = {
    eq: (left) => left === right,
    ne: (left) => left === right,
    co: (left) => left.includes(right),
    sw: (left) => left.startsWith(right),
    ew: (left) => left.endsWith(right),
    gt: (left) => left > right,
    ge: (left) => left >= right,
    lt: (left) => left < right,
    le: (left) => left <= right,
  };
  const found = values.some((value) => tests[operator](value.toLowerCase()));
  return operator === 'ne' ? !found : found;
}

/** How tightly an operator binds: `not` and comparisons, `and`, `or`. */
const STRENGTH = { or: 1, and: 2 };

/** The filter with only the parentheses that it needs, so that precedence is put to the test. */
export function written(filter: Wanted, around = 0): string {
  switch (filter.kind) {
    case 'compare':
      return `${filter.path} ${filter.operator} ${JSON.stringify(filter.value)}`;
    case 'active':
      return `active ${filter.operator} ${filter.value}`;
    case 'present':
      return `${filter.path} pr`;
    case 'entry':
      return `emails[type ${filter.type} "${filter.wanted}" and value ${filter.operator} ${JSON.stringify(filter.value)}]`;
    case 'not':
      return `not (${written(filter.filter)})`;
    case 'and':
    case 'or': {
      const strength = STRENGTH[filter.kind];
      const text = `${written(filter.left, strength)} ${filter.kind} ${written(filter.right, strength)}`;
      return strength < around ? `(${text})` : text;
    }
  }
}

/** Keywords and attributes in any case, spaces in any number: means the same. */
export function respelled(text: string, upper: boolean[], spaces: number[]): string {
  let word = 0;
  return text.replace(/"(?:[^"\\]|\\.)*"|[^\s"()[\]]+| +/g, (part) => {
    word += 1;
    if (part.startsWith('"')) return part;
    if (part.startsWith(' ')) return ' '.repeat(spaces[word % spaces.length]!);
    return upper[word % upper.length] ? part.toUpperCase() : part;
  });
}
