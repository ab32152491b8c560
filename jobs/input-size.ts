/** What no input may be, whatever its fields: too large, too deep, no JSON. */
import { InvalidInput, type InputProblem } from './invalid-input.js';

/** Same as contract.ts: this folder imports its types only. */
export const INPUT_LIMIT_BYTES = 256 * 1024;
const DEEPEST = 32;

/** @throws InvalidInput when there is any problem. */
export function refuseAny(problems: InputProblem[]): void {
  if (problems.length > 0) throw new InvalidInput(problems);
}

/** @param insteadOfLarge what to do with less: the end of a sentence. */
export function sizeProblems(raw: unknown, insteadOfLarge: string): InputProblem[] {
  const problem = (text: string, remedy: string): InputProblem[] => [{ field: 'input', problem: text, remedy }];
  try {
    const bytes = new TextEncoder().encode(JSON.stringify(raw) ?? '').length;
    if (bytes > INPUT_LIMIT_BYTES)
      return problem(`has ${bytes} bytes as JSON`, `at most ${INPUT_LIMIT_BYTES} are allowed; ${insteadOfLarge}`);
  } catch {
    return problem('is no JSON', 'remove cycles and big integers');
  }
  return isDeeper(raw, DEEPEST) ? problem(`is nested deeper than ${DEEPEST} levels`, 'make it flatter') : [];
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
