// The options of Node that keep a server small. Plain JavaScript, so that any Node can read it.

/**
 * A server's requests leave little behind, so new objects need no more than two halves of 4 MiB each; Node would give
 * them 64 MiB. Must be known when Node starts; what can be set later is in src/process/heap.ts.
 */
export const SERVER_OPTIONS = ['--max-semi-space-size=4'];

/**
 * Those that a Node lacks. One that it was given otherwise, by whoever starts us, is left as it is.
 * @param {readonly string[]} given process.execArgv
 * @param {string | undefined} more NODE_OPTIONS
 */
export function missingServerOptions(given, more = '') {
  const known = [...given, ...more.split(/\s+/)].map(nameOf);
  return SERVER_OPTIONS.filter((option) => !known.includes(nameOf(option)));
}

/** @param {string} option Node takes `_` for `-` */
function nameOf(option) {
  return option.split('=', 1)[0]?.replaceAll('_', '-');
}
