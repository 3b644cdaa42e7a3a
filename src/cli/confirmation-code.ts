// A code that only its user shall know: what stands on a command line is in the history of the shell, and for as long as
// the command runs any user of the machine can see it.
import { Writable } from 'node:stream';
import { createInterface } from 'node:readline';
import { Option } from 'commander';
import { UsageError } from './user-error.ts';

const FROM_STDIN = '-';

/** @param meaning whose code it is */
export const confirmationCodeOption = (meaning: string) =>
  new Option(
    '--confirmation-code <code>',
    `${meaning}; - asks for it, or reads the first line of stdin`,
  );

/** The code that was given, or asked for. Throws `UsageError` when nothing comes. */
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
