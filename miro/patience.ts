type Reason = 'deadline' | 'caller';

export interface Patience {
  signal: AbortSignal;
  /** Rejects when patience is over, and never resolves. */
  gaveUp: Promise<never>;
  /** Why it is over, if it is. */
  over(): Reason | undefined;
  /** Must be called when nothing is waited for any more. */
  end(): void;
}

/** One timer for the whole exchange, joined with the caller's signal; leaves no listener behind. */
export function startPatience(deadlineMs: number, signal: AbortSignal | undefined): Patience {
  const controller = new AbortController();
  let over: Reason | undefined;
  const giveUp = (reason: Reason): void => {
    over ??= reason;
    controller.abort();
  };
  const gaveUp = new Promise<never>((_, reject) => controller.signal.addEventListener('abort', reject));
  gaveUp.catch(() => undefined);
  const onAbort = (): void => giveUp('caller');
  if (signal?.aborted) giveUp('caller');
  else if (deadlineMs <= 0) giveUp('deadline');
  const timer = setTimeout(() => giveUp('deadline'), Math.max(0, deadlineMs));
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    gaveUp,
    over: () => over,
    end: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}
