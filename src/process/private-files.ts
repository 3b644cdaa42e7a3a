// Folders and files that are for their owner alone, and a word that a person understands where they cannot be made.
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { getSystemErrorMessage } from 'node:util';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** The rights of everybody but the owner. */
const OTHERS = 0o077;

/** A file or folder cannot be made or read. */
export class FileError extends Error {
  override name = 'FileError';
}

/**
 * Makes a folder and those above it, where they are missing. One at a time: below some folders, /proc for
 * one, Node's recursive mkdir tries for ever. Throws `FileError`.
 */
export function makeFolder(folder: string): void {
  try {
    if (isFolder(folder)) return;
    const above = dirname(folder);
    if (above !== folder) makeFolder(above);
    mkdirSync(folder, FOLDER_MODE);
  } catch (error) {
    // Of several processes that start at once one makes it.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && isFolder(folder)) return;
    throw fileError(`The folder ${folder} cannot be made`, error);
  }
}

/** Throws `FileError` when it is something else. */
function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === false) throw new FileError(`${path} is not a folder`);
  return found !== undefined;
}

/** Makes an empty file with its folder, unless it is there. Throws `FileError`. */
export function makeFile(file: string): void {
  makeFolder(dirname(file));
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) return;
  try {
    closeSync(openSync(file, 'a', FILE_MODE));
  } catch (error) {
    throw fileError(`The file ${file} cannot be made`, error);
  }
}

/** A sentence, when a file is not for its owner alone. Windows keeps rights in another way. */
export function looseModeWarning(file: string): string | undefined {
  if (process.platform === 'win32') return undefined;
  const mode = statSync(file).mode & 0o777;
  if ((mode & OTHERS) === 0) return undefined;
  const has = mode.toString(8).padStart(3, '0');
  return `${file} is open to others than its owner: its mode is ${has}, expected ${FILE_MODE.toString(8)}`;
}

/** What the system says, without its codes. */
export function fileError(what: string, cause: unknown): Error {
  if (cause instanceof FileError) return cause;
  const { errno, message } = cause as NodeJS.ErrnoException;
  const why = errno === undefined ? message : getSystemErrorMessage(errno);
  return new FileError(`${what}: ${why}`, { cause });
}
