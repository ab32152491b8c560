/** The door for a job's input: strict, every problem named at once, nothing written before it is passed. */
import type { ProvisionBoardInput } from '../../contract.js';
import { refuseAny, sizeProblems } from '../input-size.js';
import { InvalidInput, problemsOf, shortened, shown } from '../invalid-input.js';
import type { InputProblem } from '../invalid-input.js';
import { blueprintProblems } from './blueprint-check.js';
import { filledSpec, missingPlaceholders } from './fill.js';
import { inputSchema } from './input-schema.js';

export { INPUT_LIMIT_BYTES } from '../input-size.js';
export { InvalidInput } from '../invalid-input.js';

/** See ids.ts. */
const MARKER = /\[tm:[0-9a-f]{20}\./;

/**
 * The input of `provisionBoard` from a caller: checked, with board addresses turned into ids.
 * @throws InvalidInput naming every problem it found; secrets are never shown.
 */
export function parseProvisionInput(raw: unknown): ProvisionBoardInput {
  refuseAny(sizeProblems(raw, 'copy a template board instead'));
  const parsed = inputSchema.safeParse(raw);
  if (!parsed.success) throw new InvalidInput(problemsOf(parsed.error, raw, 'input'));
  const input: ProvisionBoardInput = parsed.data;
  const unfilled = placeholderProblems(input);
  refuseAny([...memberProblems(input), ...unfilled, ...(unfilled.length === 0 ? filledProblems(input) : [])]);
  return input;
}

function memberProblems({ members = [] }: ProvisionBoardInput): InputProblem[] {
  const first = new Map<string, number>();
  return members.flatMap(({ email, userId }, i) => {
    const who = email?.toLowerCase() ?? userId ?? '';
    const earlier = first.get(who);
    if (earlier === undefined) first.set(who, i);
    return earlier === undefined
      ? []
      : [
          {
            field: `members[${i}]`,
            problem: `repeats members[${earlier}] (${shown(who)})`,
            remedy: 'name each member once',
          },
        ];
  });
}

function placeholderProblems(input: ProvisionBoardInput): InputProblem[] {
  return [...missingPlaceholders(input)].map(([name, fields]) => {
    const more = fields.length > 1 ? ` and ${fields.length - 1} more` : '';
    const remedy = `give placeholders.${shortened(name, 40)}, or write \\{{ for literal braces`;
    return {
      field: `placeholders.${shortened(name, 40)}`,
      problem: `has no value, but ${fields[0]}${more} uses it`,
      remedy,
    };
  });
}

/** What only shows once the placeholders are filled in. */
function filledProblems(input: ProvisionBoardInput): InputProblem[] {
  const { name, description = '', template: filled } = filledSpec(input);
  const problems: InputProblem[] = [];
  if (name.trim() === '') problems.push({ field: 'name', problem: 'is blank', remedy: 'give the board a name' });
  if (name.length > 60) {
    problems.push({
      field: 'name',
      problem: `is ${name.length} characters long (${shown(name)})`,
      remedy: 'Miro allows 60, placeholders filled in',
    });
  }
  if (description.length > 260) {
    const remedy = "at most 260 fit, placeholders filled in: the rest of Miro's 300 holds the marker of the job";
    problems.push({ field: 'description', problem: `is ${description.length} characters long`, remedy });
  }
  if (MARKER.test(description)) {
    const remedy = 'remove it: by such markers boards are found again';
    problems.push({ field: 'description', problem: 'holds the marker of a job', remedy });
  }
  return 'blueprint' in filled
    ? [...problems, ...blueprintProblems(filled.blueprint, 'template.blueprint.')]
    : problems;
}
