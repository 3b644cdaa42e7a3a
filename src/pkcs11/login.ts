// The user's PIN.
import { HsmError, ReturnError } from './errors.ts';
import type { Library } from './library.ts';
import type { Opening } from './messages.ts';
import type { Session } from './sessions.ts';
import { CKF_TOKEN } from './slot.ts';
import type { Slot } from './slot.ts';

const CKU = { USER: 1, CONTEXT_SPECIFIC: 2 } as const;

/** Tries the PIN once, and not at all if that might lock the token. */
export async function logIn(
  library: Library,
  { flags, name }: Slot,
  { handle }: Session,
  { pin, isDeliberate }: Opening,
): Promise<void> {
  const has = (flag: keyof typeof CKF_TOKEN) => (flags & CKF_TOKEN[flag]) !== 0;
  if (!has('LOGIN_REQUIRED')) return;
  const which = `the token '${name.token}'`;
  if (has('USER_PIN_LOCKED'))
    throw new HsmError(
      'pin',
      `the PIN of ${which} is locked; its security officer can set a new one`,
    );
  if (has('USER_PIN_FINAL_TRY') || (has('USER_PIN_COUNT_LOW') && !isDeliberate)) {
    const left = has('USER_PIN_FINAL_TRY') ? 'one more would lock it' : 'more may lock it';
    throw new HsmError(
      'away',
      `a wrong PIN was given for ${which}, and ${left}: it is not tried here again until somebody has logged in with the right one` +
        (has('USER_PIN_FINAL_TRY') ? '' : ', for example by: simwright hsm test'),
    );
  }
  if (pin === undefined && !has('PROTECTED_AUTHENTICATION_PATH')) {
    throw new HsmError(
      'wrong',
      `${which} needs a PIN: set SIMWRIGHT_HSM_PIN, SIMWRIGHT_HSM_PIN_FILE or SIMWRIGHT_HSM_PIN_COMMAND`,
    );
  }
  try {
    await withText(library, pin, (text, length) =>
      library.call('C_Login', [handle, CKU.USER, text, length], ['CKR_USER_ALREADY_LOGGED_IN']),
    );
  } catch (error) {
    if (!(error instanceof ReturnError) || error.problem !== 'pin') throw error;
    throw new HsmError('pin', `${which} refuses the PIN: ${error.message}`, { cause: error });
  }
}

/** For a signature with a key that asks for the PIN each time. */
export async function authenticate(
  library: Library,
  { handle }: Pick<Session, 'handle'>,
  pin: string | undefined,
): Promise<void> {
  await withText(library, pin, (text, length) =>
    library.call('C_Login', [handle, CKU.CONTEXT_SPECIFIC, text, length]),
  );
}

async function withText<T>(
  library: Library,
  text: string | undefined,
  work: (pointer: bigint | null, length: number) => Promise<T>,
): Promise<T> {
  if (text === undefined) return work(null, 0);
  const encoded = Buffer.from(text);
  const memory = library.memory(encoded.length + 1);
  memory.bytes.set(encoded);
  try {
    return await work(memory.pointer, encoded.length);
  } finally {
    memory.free();
  }
}
