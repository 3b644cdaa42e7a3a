// npm runs a script in a shell and passes SIGTERM and SIGINT on to that shell alone, which ends and leaves us
// behind. Plain JavaScript, so that any Node can read it.

const LOOK_MS = 300;

/** A shell with this to do has us in the foreground, and ends before us only when it is killed. */
const ONLY_US = /^(?:\w+=\S* )*["']?(?:(?:exec )?node \S*bin\/simwright\.js|simwright)["']?(?= |$)/;
/** With one of these the shell may have left us in the background on purpose; `>&` is none. */
const CONTROL_OPERATOR = /[;|()`\n]|(?<!>)&/;

/** @param {string | undefined} script as npm tells it in npm_lifecycle_script */
export function isShellOurs(script) {
  return script !== undefined && ONLY_US.test(script) && !CONTROL_OPERATOR.test(script);
}

/**
 * Calls back when the shell that npm runs us in is gone. Whoever started us in another way (nohup, setsid, a
 * script that puts us into the background) is not looked at.
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
