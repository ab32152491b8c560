import { describe, expect, it } from 'vitest';
import { toResult, toTable } from '../../bench/document.js';
import { interleaved, median } from '../../bench/samples.js';

const machine = {
  cpu: 'Abacus',
  cores: 2,
  memoryGb: 4,
  os: 'Linux',
  loadBefore: 0.1,
  versions: { node: '20.20.0' },
};

describe('a result', () => {
  it('has a ratio where there is something to hold it against', () => {
    const result = toResult({ metric: 'job', value: 130.4, unit: 'ms', against: 100, goal: ['ratio', '≤', 1.3] });
    expect(result).toEqual({
      metric: 'job',
      value: 130,
      unit: 'ms',
      against: 100,
      ratio: 1.3,
      goal: 'ratio ≤ 1.3',
      ok: false, // 1.304, judged before rounding
    });
  });

  it('only informs where there is no goal', () => {
    expect(toResult({ metric: 'start', value: 12.345, unit: 'ms' })).toEqual({
      metric: 'start',
      value: 12.3,
      unit: 'ms',
      against: null,
      ratio: null,
      goal: null,
      ok: null,
    });
  });

  it('misses its goal when nothing was measured', () => {
    expect(toResult({ metric: 'start', value: NaN, unit: 'ms', goal: ['value', '≤', 80] }).ok).toBe(false);
  });
});

describe('the table', () => {
  it('names the machine and marks the goal that was missed', () => {
    const results = [
      toResult({ metric: 'a', value: 1, unit: 'ms', goal: ['value', '≤', 2] }),
      toResult({ metric: 'longer', value: 3, unit: 'ms', goal: ['value', '≤', 2] }),
    ];
    expect(toTable({ name: 'demo', machine, results }).split('\n')).toEqual([
      'benchmark   demo',
      'cpu         Abacus',
      'cores       2',
      'memoryGb    4',
      'os          Linux',
      'loadBefore  0.1',
      'node        20.20.0',
      '',
      'metric  value  unit  against  ratio  goal       ok',
      'a       1      ms                    value ≤ 2  yes',
      'longer  3      ms                    value ≤ 2  NO',
      '',
    ]);
  });
});

describe('samples', () => {
  it.each([
    { samples: [3, 1, 2], middle: 2 },
    { samples: [4, 1, 3, 2], middle: 2.5 },
    { samples: [7], middle: 7 },
  ])('have their median in the middle: $samples', ({ samples, middle }) => {
    expect(median(samples)).toBe(middle);
  });

  it('are taken in turn, each side first as often as the other, and without the warm-up', async () => {
    const order: string[] = [];
    const take = (side: string) => (n: number) => {
      order.push(`${side}${n}`);
      return Promise.resolve(n);
    };
    const samples = await interleaved({ pairs: 2, warmUp: 1 }, take('a'), take('b'));
    expect(order).toEqual(['a0', 'b0', 'b1', 'a1', 'a2', 'b2']);
    expect(samples).toEqual({ a: [1, 2], b: [1, 2] });
  });
});
