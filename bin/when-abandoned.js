// npm runs a script in a shell and forwards SIGTERM and SIGINT only to that shell, which exits and leaves us behind. And nobody
// forwards SIGKILL: whoever kills the launcher means the Node that it has launched.
// Plain JavaScript, so that any Node can read it.

const LOOK_MS = 300;

/** A shell with this command runs us in the foreground, and exits before us only if it is killed. */
const ONLY_US = /^(?:\w+=\S* )*["']?(?:(?:exec )?node \S*bin\/simwright\.js|simwright)["']?(?= |$)/;
/** With one of these the shell may have put us into the background on purpose; `>&` does not count. */
const CONTROL_OPERATOR = /[;|()`\n]|(?<!>)&/;

/** @param {string | undefined} script npm_lifecycle_script, as set by npm */
export function isShellOurs(script) {
  return script !== undefined && ONLY_US.test(script) && !CONTROL_OPERATOR.test(script);
}

const LAUNCHER = 'SIMWRIGHT_LAUNCHED_BY';

/** What tells a Node that we launch to end with us. */
export function launchedByUs() {
  return { [LAUNCHER]: String(process.pid) };
}

/**
 * Calls back when the launcher, or the shell in which npm runs us, is gone. Other parents (nohup, setsid, a script that puts us into
 * the background) are not watched.
 * @param {() => void} end
 */
export function whenAbandoned(end) {
  const { ppid, env } = process;
  const launcher = env[LAUNCHER];
  // Our own children are not launched by it.
  delete env[LAUNCHER];
  if (launcher === undefined && !isShellOurs(env['npm_lifecycle_script'])) return;
  const parent = launcher === undefined ? ppid : Number(launcher);
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    end();
  }, LOOK_MS);
  look.unref();
}
