import { describe, expect, it } from 'vitest';
import type { RetroCondition } from '../../contract-retro.js';
import { fitsGlob } from '../../jobs/retro-to-tickets/glob.js';
import { matchTicket } from '../../jobs/retro-to-tickets/match-ticket.js';
import { matches, patternProblem } from '../../jobs/retro-to-tickets/pattern.js';
import { kindFor, type RuleFacts } from '../../jobs/retro-to-tickets/rules.js';

const sticky: RuleFacts = {
  type: 'sticky_note',
  text: 'Fix the Login',
  color: 'light_yellow',
  column: 'What went  Wrong',
  frame: 'Sprint 12',
  tags: ['Action item'],
  prefix: 'todo',
};
const kindWhen = (when: RetroCondition) => kindFor(sticky, { rules: [{ when, kind: 'insight' }] }).kind;

describe('rules', () => {
  it('become a task without any', () =>
    expect(kindFor(sticky)).toEqual({ kind: 'task', reason: 'it lies in the source' }));

  it('decide in their order, and say which one did', () => {
    const rules = [
      { when: { tag: 'other' }, kind: 'drop' as const },
      { when: { tag: 'action*', color: ['red', 'light_*'] }, kind: 'decision' as const },
      { when: {}, kind: 'insight' as const },
    ];
    expect(kindFor(sticky, { rules })).toEqual({
      kind: 'decision',
      reason: 'rule 2 (tag "action*", color "red" or "light_*")',
    });
    expect(kindFor({ ...sticky, tags: [] }, { rules: rules.slice(0, 2), otherwise: 'drop' })).toEqual({
      kind: 'drop',
      reason: 'no rule matches',
    });
  });

  it.each<RetroCondition>([
    { column: 'what went wrong' },
    { frame: ['x', 'SPRINT*'] },
    { type: 'sticky_note' },
    { text: '\\blogin$' },
    { prefix: 'todo', tag: '*item' },
  ])('match %j', (when) => expect(kindWhen(when)).toBe('insight'));

  it.each<RetroCondition>([
    { column: 'what' },
    { text: '^login' },
    { prefix: 'done' },
    { tag: 'action*', type: 'card' },
  ])('do not match %j', (when) => expect(kindWhen(when)).toBe('task'));

  it('find a star anywhere in a title, and no letter twice', () => {
    expect(fitsGlob('*a*b', 'xxAyB')).toBe(true);
    expect(fitsGlob('ab*ba', 'aba')).toBe(false);
    expect(fitsGlob('a.c', 'abc')).toBe(false);
  });
});

describe('patterns', () => {
  it.each(['fix|bug', '(?:ab)+c', '.*a.*b', '(bug|fix)? login', '\\d{2,3}', '[+*?]{2}', '\\(\\+\\+\\)'])(
    'takes %j',
    (pattern) => expect(patternProblem(pattern)).toBeUndefined(),
  );

  it.each([
    ['(a+)+', 'repeats a group'],
    ['(a|a)*', 'repeats a group'],
    ['((a*)b)*', 'repeats a group'],
    ['(?<n>a?){30}', 'repeats a group'],
    ['.*a.*b.*c', 'too many ways'],
    ['a?'.repeat(20), 'too many ways'],
    ['(a|a)'.repeat(20), 'too many ways'],
    ['.{0,9}'.repeat(5), 'too many ways'],
    ['a{1,4}?'.repeat(9), 'too many ways'],
    ['.{0,499}.{2,}.{0,1}.{0,1}', 'too many ways'],
    ['(a)\\1', 'refers back'],
    ['(?=a)b', 'looks ahead'],
    ['(', 'is no regular expression'],
    ['x'.repeat(201), 'is 201 characters long'],
  ])('refuses %j', (pattern, problem) => expect(patternProblem(pattern)?.problem).toContain(problem));

  it('read the beginning of a text only', () => expect(matches('end', `${'x'.repeat(600)}end`)).toBe(false));
});

describe('matchTicket', () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute));
  const ticket = (id: string, minute: number, byUs = true) => ({ id, createdAt: at(minute), byUs });

  it('takes the oldest of ours, and reports the others of the same claims', () => {
    const found = [ticket('3', 3), ticket('1', 0, false), ticket('2', 2), ticket('9', 40)];
    expect(matchTicket(found, { since: at(1), until: at(4) })).toMatchObject({ ticket: found[2], surplus: [found[0]] });
  });

  it("adopts no person's copy", () => {
    const copy = ticket('1', 2, false);
    expect(matchTicket([copy])).toEqual({ surplus: [], others: [] });
    expect(matchTicket([copy], { since: at(40) })).toEqual({ surplus: [], others: [] });
  });

  it('tells of those that another account made while an answer was awaited: ours may have changed since', () => {
    const other = ticket('1', 2, false);
    expect(matchTicket([other], { since: at(1) })).toEqual({ surplus: [], others: [other] });
  });

  it('takes none that is older than the claim by more than clocks differ', () => {
    expect(matchTicket([ticket('1', 0)], { since: at(6) }).ticket).toBeUndefined();
    expect(matchTicket([ticket('1', 0)], { since: at(4) }).ticket?.id).toBe('1');
  });

  it('takes the oldest ever where the store has been lost', () => {
    expect(matchTicket([ticket('10', 5), ticket('9', 5)]).ticket?.id).toBe('9');
  });
});
