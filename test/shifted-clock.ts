// Loaded before a program, it sets the wall clock that the program sees: ahead by TEST_CLOCK_AHEAD_MS, and back by an
// hour at each SIGUSR2. The steady clock and the timers stay as they are.
let ahead = Number(process.env['TEST_CLOCK_AHEAD_MS'] ?? 0);
process.on('SIGUSR2', () => (ahead -= 60 * 60 * 1_000));

const real = Date.now;
Date.now = () => real() + ahead;
globalThis.Date = new Proxy(Date, {
  construct: (target, args: [], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [Date.now()] : args, newTarget) as Date,
});
