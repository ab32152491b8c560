const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const EXIT_AT_ONCE = 130;
/** On Ctrl-C the terminal tells us, and so does npm, which got it too: that is one asking. */
const SAME_ASKING_MS = 1_000;

export interface StopSignals {
  /** Aborted by the first signal. */
  signal: AbortSignal;
  /** Gives the signals back to Node: the next one ends the process. */
  release: () => void;
}

/** Turns Ctrl-C, SIGTERM and a closed terminal into one clean stop; whoever asks twice does not want to wait and ends the process at once. */
export function stopSignals(): StopSignals {
  const stop = new AbortController();
  let firstAt = Infinity;
  const asked = (): void => {
    if (performance.now() - firstAt > SAME_ASKING_MS) process.exit(EXIT_AT_ONCE);
    if (!stop.signal.aborted) firstAt = performance.now();
    stop.abort();
  };
  for (const name of SIGNALS) process.on(name, asked);
  return {
    signal: stop.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, asked);
    },
  };
}
