import { describe, expect, it } from 'vitest';
import { matchCard, matchConnector, matchTag, pickBoard } from '../../jobs/provision-board/recognise.js';
import type { FoundBoard } from '../../jobs/provision-board/recognise.js';

const US = '900';
const PREFIX = '[tm:0123456789abcdef0123.';
const at = (minute: number) => new Date(Date.parse('2026-11-23T10:00:00Z') + minute * 60_000).toISOString();
const board = (id: string, minute: number, { episode = 1, user = US } = {}): FoundBoard => ({
  id,
  description: `A board ${PREFIX}${episode}]`,
  createdAt: at(minute),
  createdBy: { id: user },
});
const search = { prefix: PREFIX, userId: US, newToStore: true };

describe('pickBoard', () => {
  it('says absent without a board that carries the marker', () => {
    const others = [
      { id: 'x', description: '[tm:ffffffffffffffffffff.1]' },
      { id: 'y', description: `${PREFIX}x]` },
      { id: 'z' },
    ];
    expect(pickBoard(others, search)).toEqual({ kind: 'absent' });
  });

  it('takes the oldest board of our user and tells its copies from a surplus', () => {
    const [ours, second, copy] = [board('ours', 0), board('second', 1), board('copy', 2, { user: '5' })];
    expect(pickBoard([copy, second, ours], search)).toEqual({
      kind: 'ours',
      board: ours,
      episode: 1,
      surplus: [second],
      copies: [copy],
    });
  });

  it('takes the highest episode for a job that is new to the store, else its own', () => {
    const boards = [board('one', 0), board('twelve', 1, { episode: 12 }), board('two', 2, { episode: 2 })];
    expect(pickBoard(boards, search)).toMatchObject({ board: { id: 'twelve' }, episode: 12 });
    expect(pickBoard(boards, { ...search, newToStore: false, episode: 2 })).toMatchObject({ board: { id: 'two' } });
    expect(pickBoard(boards, { ...search, newToStore: false, episode: 3 })).toEqual({ kind: 'absent' });
  });

  it('asks when only other users have such boards', () => {
    expect(pickBoard([board('copy', 0, { user: '5' })], search)).toMatchObject({ kind: 'ambiguous' });
  });

  it('asks when another user has the older board: ours would be its copy', () => {
    expect(pickBoard([board('a', 0, { user: '5' }), board('b', 1)], search)).toMatchObject({ kind: 'ambiguous' });
  });

  it('asks when creation times are equal or missing', () => {
    expect(pickBoard([board('a', 0), board('b', 0)], search)).toMatchObject({ kind: 'ambiguous' });
    expect(pickBoard([board('a', 0), { ...board('b', 1), createdAt: undefined }], search)).toMatchObject({
      kind: 'ambiguous',
    });
  });
});

describe('matchConnector', () => {
  const planned = { from: '1', to: '2', caption: 'a &amp; b' };
  const made = (id: string, fields: object = {}) => ({
    id,
    startItem: { id: '1' },
    endItem: { id: '2' },
    captions: [{ content: '<p>a &amp; b</p>' }],
    createdAt: at(0),
    modifiedAt: at(0),
    createdBy: { id: US },
    ...fields,
  });

  it('takes the earliest with the same ends and caption; the others are copies', () => {
    expect(matchConnector(planned, [made('12'), made('9')], { userId: US })).toEqual({
      kind: 'made',
      id: '9',
      copies: ['12'],
    });
  });

  it('says absent for untouched connectors of other ends, and for those of other users', () => {
    const others = [made('9', { endItem: { id: '3' } }), made('10', { createdBy: { id: '5' } })];
    expect(matchConnector(planned, others, { userId: US })).toEqual({ kind: 'absent' });
  });

  it('asks when people changed the caption or an end', () => {
    const changed = made('9', { captions: [], modifiedAt: at(1) });
    expect(matchConnector(planned, [changed], { userId: US })).toMatchObject({ kind: 'ambiguous' });
    expect(
      matchConnector(planned, [made('9', { endItem: undefined, modifiedAt: at(1) })], { userId: US }),
    ).toMatchObject({
      kind: 'ambiguous',
    });
  });
});

describe('matchCard', () => {
  const card = (id: string, user = US) => ({
    id,
    data: { description: '<p>link [tm:x.1]</p>' },
    createdBy: { id: user },
  });

  it('takes the oldest card with the marker', () => {
    expect(matchCard([card('12', '5'), card('9')], { marker: '[tm:x.1]', userId: US })).toEqual({
      kind: 'made',
      id: '9',
      copies: ['12'],
    });
    expect(matchCard([card('9')], { marker: '[tm:x.2]', userId: US })).toEqual({ kind: 'absent' });
  });

  it('asks when the oldest is of another user', () => {
    expect(matchCard([card('9', '5'), card('12')], { marker: '[tm:x.1]', userId: US })).toMatchObject({
      kind: 'ambiguous',
    });
  });
});

describe('matchTag', () => {
  it('takes the tag of exactly that title', () => {
    expect(
      matchTag('Risk', [
        { id: '1', title: 'risk' },
        { id: '2', title: 'Risk' },
      ]),
    ).toMatchObject({ kind: 'made', id: '2' });
    expect(matchTag('RISK', [{ id: '2', title: 'Risk' }])).toEqual({ kind: 'absent' });
  });
});
