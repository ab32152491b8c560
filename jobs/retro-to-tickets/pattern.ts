/**
 * Regular expressions that a caller may bring. One that looks for too much at once can take years on one sticky note, so
 * they are refused by their form, and read only the beginning of a text.
 */
const LONGEST = 200;
const READS = 500;
/** Each repeat or choice multiplies the ways in which a text may fit, and the time that it takes to find out that none does. */
const MOST_WAYS = 80_000;
/** Of a repeat that is open: on the average it has less than half of the text before it. */
const OPEN_WAYS = 200;

/** Whether the beginning of the text, 500 characters, matches; without case. The pattern has passed {@link patternProblem}. */
export const matches = (pattern: string, text: string): boolean => new RegExp(pattern, 'iu').test(text.slice(0, READS));

/** Why a pattern is not taken, and what to do. @returns undefined where it is fine. */
export function patternProblem(pattern: string): { problem: string; remedy: string } | undefined {
  if (pattern.length > LONGEST)
    return { problem: `is ${pattern.length} characters long`, remedy: `write at most ${LONGEST}, or several rules` };
  try {
    new RegExp(pattern, 'iu');
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*: /u, '').toLowerCase() : 'it cannot be read';
    return {
      problem: `is no regular expression: ${why}`,
      remedy: 'correct it, and write \\ before signs that mean themselves',
    };
  }
  return dangerIn(pattern);
}

interface Group {
  repeats: number;
  choices: number;
}

function dangerIn(pattern: string): { problem: string; remedy: string } | undefined {
  const within: Group[] = [];
  let ways = 1;
  let [group, closed]: [Group, Group | undefined] = [{ repeats: 0, choices: 0 }, undefined];
  for (const [token] of pattern.matchAll(
    /\\.|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}\??|[*+?]\??|\(\?<?[=!]|\((?:\?:|\?<\w+>)?|[)|]|[^]/gsu,
  )) {
    if (/^\\[1-9k]/u.test(token)) return { problem: 'refers back to a group', remedy: 'write the words out' };
    if (/^\(\?<?[=!]/u.test(token)) return { problem: 'looks ahead or back', remedy: 'write several rules' };
    const repeat = /^[*+?{]/u.test(token);
    if (repeat && closed && closed.repeats + closed.choices > 0 && !/^\??$/u.test(token.replace('?', '')))
      return {
        problem: 'repeats a group that itself holds a repeat or a choice',
        remedy: 'repeat one of the two only',
      };
    if (repeat) {
      group.repeats++;
      ways *= waysOf(token);
    }
    closed = undefined;
    if (token.startsWith('(')) {
      within.push(group);
      group = { repeats: 0, choices: 0 };
    } else if (token === '|') group.choices++;
    else if (token === ')') {
      closed = group;
      ways *= closed.choices + 1;
      group = within.pop() ?? group;
      group.repeats += closed.repeats;
      group.choices += closed.choices;
    }
  }
  if (ways > MOST_WAYS)
    return {
      problem: 'may fit a text in too many ways',
      remedy: 'use at most 2 of *, + and {n,}, and few of ?, {n,m} and |, or several rules',
    };
  return undefined;
}

/** In how many ways a repeat may go. */
function waysOf(repeat: string): number {
  if (repeat.startsWith('?')) return 2;
  const [, most] = /^\{\d+(?:,(\d+))?\}/u.exec(repeat) ?? [];
  if (most !== undefined) return Math.min(Number(most) + 1, OPEN_WAYS);
  return /^\{\d+\}/u.test(repeat) ? 1 : OPEN_WAYS;
}
