/** Bounds how much one process does at once, in all and for each key. */
export interface Slots {
  /** @returns what gives the place back, or undefined when there is none. */
  take(key: string): (() => void) | undefined;
}

export function createSlots({ total, perKey }: { total: number; perKey: number }): Slots {
  const taken = new Map<string, number>();
  let all = 0;
  return {
    take(key) {
      const own = taken.get(key) ?? 0;
      if (all >= total || own >= perKey) return undefined;
      all += 1;
      taken.set(key, own + 1);
      return () => {
        all -= 1;
        const left = (taken.get(key) ?? 1) - 1;
        if (left === 0) taken.delete(key);
        else taken.set(key, left);
      };
    },
  };
}
