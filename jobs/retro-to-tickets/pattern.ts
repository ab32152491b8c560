/**
 * Regular expressions that a caller may bring. One that looks for too much at once can take years on one sticky note, so
 * they are refused by their form, and read only the beginning of a text.
 */
const LONGEST = 200;
const READS = 500;
/** Each open repeat multiplies the time by the length of the text. */
const MOST_OPEN_REPEATS = 2;
/** Each repeat or choice that can go either way at most doubles the time. */
const MOST_REPEATS = 10;

/** Whether the beginning of the text, 500 characters, matches; without case. The pattern has passed {@link patternProblem}. */
export const matches = (pattern: string, text: string): boolean =>
  new RegExp(pattern, 'iu').test(text.slice(0, READS));

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
  let [open, all] = [0, 0];
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
      [group.repeats, all] = [group.repeats + 1, all + 1];
      if (/^[*+]|^\{\d+,\}|^\{(?:\d+,)?\d{2,}\}/u.test(token)) open++;
    }
    closed = undefined;
    if (token.startsWith('(')) {
      within.push(group);
      group = { repeats: 0, choices: 0 };
    } else if (token === '|') group.choices++;
    else if (token === ')') {
      closed = group;
      if (closed.choices > 0) all++;
      group = within.pop() ?? group;
      group.repeats += closed.repeats;
      group.choices += closed.choices;
    }
  }
  if (open > MOST_OPEN_REPEATS)
    return {
      problem: `holds ${open} open repeats`,
      remedy: `use at most ${MOST_OPEN_REPEATS} of *, + and {n,}, or several rules`,
    };
  if (all > MOST_REPEATS)
    return { problem: `holds ${all} repeats and choices`, remedy: `use at most ${MOST_REPEATS}, or several rules` };
  return undefined;
}
