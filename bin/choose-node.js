// Chooses the Node that runs the command line. Plain JavaScript, so that any Node can read it.

/**
 * @typedef {{ use: 'running' | 'brought', warning?: string } | { refusal: string }} Choice `warning` says what may
 * fail on a Node that is used because no better one is available.
 */

/** The oldest that runs TypeScript directly, and whose SQLite prints no warning. */
const NEEDED = [24, 12, 0];
/** In each release line, the first in which a TLS client cannot exit silently. */
const FIXED = [
  [24, 22, 3],
  [26, 12, 1],
];
const FIXED_TEXT = 'Node 24.22.3, or 26.12.1 and newer,';

/**
 * @param {string} running version of the current Node: 20.20.2
 * @param {string | undefined} brought version of the Node that npm installed with us
 * @param {string | undefined} offered version of the package that npm installs on this platform, if there is one
 * @returns {Choice}
 */
export function chooseNode(running, brought, offered) {
  if (isFixed(running)) return { use: 'running' };
  if (brought !== undefined && isFixed(brought)) return { use: 'brought' };
  if (offered !== undefined && isFixed(offered)) {
    return {
      refusal:
        `${problem(running)}, and the package with Node ${offered} is not installed.\n` +
        'Install again without --omit=optional, or use a newer Node.',
    };
  }
  const use = brought !== undefined && isBefore(running, brought) ? 'brought' : 'running';
  const version = use === 'brought' ? brought : running;
  if (version === undefined || isBefore(version, NEEDED)) {
    return {
      refusal:
        `${problem(running)}, and npm has no package with a newer one for this platform.\n` +
        'Install a newer Node.',
    };
  }
  return {
    use,
    warning:
      `Node ${version} can exit silently as a TLS client of a peer with certain valid certificates, and ` +
      `the server or the virtual device exits with it; ${FIXED_TEXT} would not.`,
  };
}

/** @param {string} running */
function problem(running) {
  return isBefore(running, NEEDED)
    ? `simwright needs Node 24.12 or newer. This is ${running}`
    : `This is Node ${running}, which can exit silently as a TLS client. ${FIXED_TEXT} does not`;
}

/** @param {string} version */
function isFixed(version) {
  const [major = 0] = numbers(version);
  const inLine = FIXED.find(([line]) => line === major);
  return inLine === undefined ? major > 26 : !isBefore(version, inLine);
}

/**
 * @param {string} version
 * @param {string | number[]} other
 */
function isBefore(version, other) {
  const [left, right] = [numbers(version), typeof other === 'string' ? numbers(other) : other];
  for (const [at, number] of left.entries()) {
    const difference = number - (right[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** @param {string} version */
function numbers(version) {
  return version.split('-')[0]?.split('.').map(Number) ?? [];
}
