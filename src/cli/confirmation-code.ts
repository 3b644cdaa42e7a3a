// Reads a confirmation code without putting it on the command line, which ends up in the shell's history and is visible
// to all users of the machine while the command runs.
import { Writable } from 'node:stream';
import { createInterface } from 'node:readline';
import { Option } from 'commander';
import { UsageError } from './user-error.ts';

const FROM_STDIN = '-';

/** @param meaning what the code is for */
export const confirmationCodeOption = (meaning: string) =>
  new Option(
    '--confirmation-code <code>',
    `${meaning}; - asks for it, or reads the first line of stdin`,
  );

/** The code as given, or as read from stdin. Throws `UsageError` if there is none. */
export async function readConfirmationCode(given: string | undefined): Promise<string | undefined> {
  if (given !== FROM_STDIN) return given;
  const { stdin, stderr } = process;
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const asks = stdin.isTTY;
  if (asks) stderr.write('Confirmation code: ');
  const lines = createInterface({ input: stdin, output: hidden, terminal: asks });
  try {
    for await (const line of lines) return line;
  } finally {
    lines.close();
    if (asks) stderr.write('\n');
  }
  throw new UsageError('--confirmation-code -: expected the code on stdin; got nothing');
}
