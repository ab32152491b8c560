/** One timer for the whole exchange, joined with the caller's signal; leaves no listener behind. */
export function startPatience(deadlineMs: number, signal: AbortSignal | undefined) {
  const controller = new AbortController();
  let over: 'deadline' | 'caller' | undefined;
  const giveUp = (reason: 'deadline' | 'caller'): void => {
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
