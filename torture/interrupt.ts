// Ctrl-C during a trial: it stops, and says what it has found so far.
import { onInterrupt } from '../src/cli/interrupt.ts';

/** The launcher may pass the same Ctrl-C on. */
const GRACE_MS = 1_000;
const INTERRUPTED = 130;

/**
 * Aborted by the first Ctrl-C or SIGTERM. A later one exits at once: unlike being killed, that removes temporary folders
 * and ends what the trial has started.
 */
export function endsOnInterrupt(): AbortSignal {
  const signal = onInterrupt();
  const exit = () => process.exit(INTERRUPTED);
  const listen = () => void process.on('SIGINT', exit).on('SIGTERM', exit);
  signal.addEventListener('abort', () => void setTimeout(listen, GRACE_MS).unref());
  return signal;
}
