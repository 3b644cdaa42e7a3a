// Which Node runs the command line. Plain JavaScript, so that any Node can read it.

/**
 * @typedef {{ use: 'running' | 'brought', warning?: string } | { refusal: string }} Choice
 *   `warning` says what may fail on a Node that is used for want of a better one.
 */

/** The oldest that runs TypeScript as it is, with its SQLite silent. */
const NEEDED = [24, 12, 0];
/** From here on, within a line of releases, a TLS client does not end without a word. */
const FIXED = [
  [24, 22, 3],
  [26, 12, 1],
];
const FIXED_TEXT = 'Node 24.22.3, or 26.12.1 and newer,';

/**
 * @param {string} running version of the Node at hand: 20.20.2
 * @param {string | undefined} brought version of the Node that npm has installed beside us
 * @param {string | undefined} offered version of the package that npm installs on this platform, if there is one
 * @returns {Choice}
 */
export function chooseNode(running, brought, offered) {
  if (isFixed(running)) return { use: 'running' };
  if (brought !== undefined && isFixed(brought)) return { use: 'brought' };
  if (offered !== undefined && isFixed(offered)) {
    return {
      refusal:
        `${problem(running)}, and the package that brings Node ${offered} is not installed.\n` +
        'Install again without --omit=optional, or use a newer Node.',
    };
  }
  const use = brought !== undefined && isBefore(running, brought) ? 'brought' : 'running';
  const version = use === 'brought' ? brought : running;
  if (version === undefined || isBefore(version, NEEDED)) {
    return {
      refusal:
        `${problem(running)}, and npm has no package that brings one to this platform.\n` +
        'Install a newer Node.',
    };
  }
  return {
    use,
    warning:
      `Node ${version} can end without a word as a TLS client of a peer with certain valid certificates, and ` +
      `then the server or the virtual device ends with it; ${FIXED_TEXT} would not.`,
  };
}

/** @param {string} running */
function problem(running) {
  return isBefore(running, NEEDED)
    ? `simwright needs Node 24.12 or newer. This is ${running}`
    : `This is Node ${running}, which can end without a word as a TLS client. ${FIXED_TEXT} does not`;
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
