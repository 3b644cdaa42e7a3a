// Preloaded into a program, shifts its wall clock: ahead by TEST_CLOCK_AHEAD_MS, and back by an hour at each SIGUSR2.
// The steady clock and timers are not affected.
let ahead = Number(process.env['TEST_CLOCK_AHEAD_MS'] ?? 0);
process.on('SIGUSR2', () => (ahead -= 60 * 60 * 1_000));

/** Sets it to this many milliseconds ahead of the machine's; negative: behind. */
export function setClockAhead(ms: number): void {
  ahead = ms;
}

const real = Date.now;
Date.now = () => real() + ahead;
globalThis.Date = new Proxy(Date, {
  construct: (target, args: [], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [Date.now()] : args, newTarget) as Date,
});
