/** How long after the first signal a second one is ignored. */
const GRACE_MS = 1_000;

/** Why a signal is aborted. */
class Interrupted extends Error {
  override name = 'AbortError';
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}

/** Whether it was told to end, and nobody waits at a terminal for it. */
export const isTerminated = ({ reason }: AbortSignal): boolean =>
  reason instanceof Interrupted && reason.signal === 'SIGTERM';

/**
 * Aborted by SIGINT or SIGTERM. Ctrl-C may arrive twice at once, from the terminal and from the launcher; a later one
 * ends the process as usual.
 */
export function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  function interrupt(signal: NodeJS.Signals): void {
    if (controller.signal.aborted) return;
    controller.abort(new Interrupted(signal));
    setTimeout(() => {
      for (const one of signals) process.off(one, interrupt);
    }, GRACE_MS).unref();
  }
  for (const signal of signals) process.on(signal, interrupt);
  return controller.signal;
}
