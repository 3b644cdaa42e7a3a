/** How long after the first signal a second one is ignored. */
const GRACE_MS = 1_000;

/**
 * Aborted by SIGINT or SIGTERM. Ctrl-C may arrive twice at once, from the terminal and from the launcher; a later one
 * ends the process as usual.
 */
export function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  function interrupt(): void {
    if (controller.signal.aborted) return;
    controller.abort();
    setTimeout(() => {
      for (const signal of signals) process.off(signal, interrupt);
    }, GRACE_MS).unref();
  }
  for (const signal of signals) process.on(signal, interrupt);
  return controller.signal;
}
