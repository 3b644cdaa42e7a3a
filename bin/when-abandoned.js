// npm runs a script in a shell and forwards SIGTERM and SIGINT only to that shell, which exits and leaves us behind.
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

/**
 * Calls back when the shell in which npm runs us is gone. Other parents (nohup, setsid, a script that puts us into
 * the background) are not watched.
 * @param {() => void} end
 */
export function whenAbandoned(end) {
  const { ppid, env } = process;
  if (!isShellOurs(env['npm_lifecycle_script'])) return;
  const look = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(look);
    end();
  }, LOOK_MS);
  look.unref();
}
