/** Several parts of one batch at a time: enough to hide Miro's latency, few enough to stay far from its limits. */

/** Of Miro's calls. */
const AT_ONCE = 6;

/**
 * Runs `run` for every part, at most `atOnce` at a time. Parts of the same group run one after the other.
 * The first failure is thrown once the parts that had begun have ended; no new ones begin after it.
 */
export async function inGroups<T, R>(
  parts: T[],
  groupOf: (part: T) => string,
  run: (part: T) => Promise<R>,
  atOnce = AT_ONCE,
): Promise<R[]> {
  const groups = [...grouped(parts, groupOf).values()];
  const results = new Array<R>(parts.length);
  let failed = false;
  const lane = async (): Promise<void> => {
    for (let group = groups.shift(); group && !failed; group = groups.shift()) {
      for (const [index, part] of group) {
        if (failed) return;
        results[index] = await run(part);
      }
    }
  };
  const lanes = Array.from({ length: Math.min(atOnce, groups.length) }, () =>
    lane().catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  const ended = await Promise.allSettled(lanes);
  const failure = ended.find((end) => end.status === 'rejected');
  if (failure) throw failure.reason;
  return results;
}

/** A call to Miro may take ten seconds: a step that goes on when nothing works would take too long. */
const FAILURES = 5;

/**
 * Runs `run` for one part after the other. One that fails leaves the others theirs: the next attempt has less to do. The first failure is thrown in
 * the end, or once five parts have failed.
 */
export async function despiteFailures<T>(parts: T[], run: (part: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts) {
    if (failures.length === FAILURES) break;
    await run(part).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

function grouped<T>(parts: T[], groupOf: (part: T) => string): Map<string, [number, T][]> {
  const groups = new Map<string, [number, T][]>();
  for (const [index, part] of parts.entries()) {
    const name = groupOf(part);
    groups.set(name, [...(groups.get(name) ?? []), [index, part]]);
  }
  return groups;
}
