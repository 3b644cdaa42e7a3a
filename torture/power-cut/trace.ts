// System calls of a server, as strace has recorded them (-f -y -xx), in the order in which they happened.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

export interface SystemCall {
  name: string;
  /** Everything between the parentheses. */
  args: string;
  /** What it returned; undefined at its beginning. */
  result: number | undefined;
  /** Of the descriptor that it returned: the path of the file. */
  opened: string | undefined;
  thread: string;
}

/** What is recorded: whatever changes a file or a folder, waits for the disk, or sends something. */
export const CALLS = (
  'open openat creat mkdir mkdirat link linkat unlink unlinkat rename renameat renameat2 ftruncate truncate fallocate ' +
  'write pwrite64 writev pwritev pwritev2 sendmsg sendto fsync fdatasync'
).split(' ');

/**
 * Yields each call twice: when it begins, and when it has returned. What happens between the two lines happened in
 * any order.
 */
export async function* readTrace(file: string): AsyncGenerator<SystemCall> {
  /** By thread, calls that have not returned. */
  const begun = new Map<string, SystemCall>();
  for await (const line of createInterface({ input: createReadStream(file, 'latin1') })) {
    const [, thread = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>/.exec(text);
    if (resumed !== null) {
      const call = begun.get(thread);
      begun.delete(thread);
      if (call === undefined) continue;
      const rest = text.slice(resumed[0].length);
      yield { ...call, args: call.args + argsOf(rest), ...resultOf(rest) };
      continue;
    }
    const name = /^(\w+)\(/.exec(text)?.[1];
    if (name === undefined) continue;
    const after = text.slice(name.length + 1);
    const isUnfinished = after.endsWith(' <unfinished ...>');
    const args = isUnfinished ? after.slice(0, -' <unfinished ...>'.length) : argsOf(after);
    const call = { name, args, result: undefined, opened: undefined, thread };
    yield call;
    if (isUnfinished) begun.set(thread, call);
    else yield { ...call, ...resultOf(after) };
  }
}

const argsOf = (text: string) => text.slice(0, Math.max(0, text.lastIndexOf(') ')));

function resultOf(text: string): Pick<SystemCall, 'result' | 'opened'> {
  const end = text.slice(text.lastIndexOf(') '));
  const [, result, path] = /^\) += (-?\d+)(?:<([^>]*)>)?/.exec(end) ?? [];
  // A process that was killed does not return.
  if (result === undefined) return { result: -1, opened: undefined };
  return {
    result: Number(result),
    opened: path === undefined ? undefined : unescape(path).toString(),
  };
}

/** `\x41\x42` */
function unescape(text: string): Buffer {
  return text.startsWith('\\x')
    ? Buffer.from(text.replaceAll('\\x', ''), 'hex')
    : Buffer.from(text, 'latin1');
}

/** The file behind the descriptor that is the first argument. */
export function fileOf({ args }: SystemCall): { handle: number; path: string } {
  const [, handle = '-1', path = ''] = /^(\d+)(?:<([^>]*)>)?/.exec(args) ?? [];
  return { handle: Number(handle), path: unescape(path).toString() };
}

/** All texts and byte strings among the arguments; descriptors' paths are none. */
export function stringsOf({ args }: SystemCall): Buffer[] {
  return Array.from(args.matchAll(/"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?/g), ([, text, more]) => {
    if (more !== undefined) throw new Error('strace has cut off what was written');
    return unescape(text!);
  });
}

/** The last argument, a number. */
export function lastNumberOf({ args }: SystemCall): number {
  return Number(args.slice(args.lastIndexOf(',') + 1).trim());
}
