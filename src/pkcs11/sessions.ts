// The sessions of a token, in each of which one function is called at a time.
import { ReturnError } from './errors.ts';
import type { Library, Memory } from './library.ts';
import type { Opening } from './messages.ts';
import type { Slot } from './slot.ts';

const CKF_SESSION = { RW: 0x2, SERIAL: 0x4 } as const;

export interface Session {
  handle: bigint;
  /** The mechanism, the length of the signature, the hash and the signature. */
  memory: Memory;
}

export const LENGTH_AT = 32;
export const HASH_AT = 64;
export const SIGNATURE_AT = 128;

/** As many as wanted; fewer, if the token has no more. */
export async function openSessions(
  library: Library,
  slot: Slot,
  opening: Opening,
): Promise<Session[]> {
  const flags = CKF_SESSION.SERIAL | (opening.isWriting ? CKF_SESSION.RW : 0);
  const sessions: Session[] = [];
  const handle = library.memory(library.word);
  try {
    while (sessions.length < opening.sessions) {
      try {
        await library.call('C_OpenSession', [slot.id, flags, null, null, handle.pointer]);
      } catch (error) {
        if (sessions.length === 0 || !(error instanceof ReturnError) || !isFull(error)) throw error;
        break;
      }
      sessions.push({
        handle: library.readHandle(handle.bytes),
        memory: library.memory(SIGNATURE_AT + 256),
      });
    }
    return sessions;
  } finally {
    handle.free();
  }
}

const isFull = ({ code }: ReturnError) =>
  ['CKR_SESSION_COUNT', 'CKR_DEVICE_MEMORY', 'CKR_HOST_MEMORY'].includes(code ?? '');
