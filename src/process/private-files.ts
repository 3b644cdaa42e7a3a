// Folders and files that only their owner may access, with clear errors when they cannot be created.
import { closeSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { getSystemErrorMessage } from 'node:util';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** The permission bits of everybody but the owner. */
const OTHERS = 0o077;

/** A file or folder cannot be created or read. */
export class FileError extends Error {
  override name = 'FileError';
}

/**
 * Creates a folder and its missing parents, one at a time: below some folders, such as /proc, Node's recursive mkdir
 * never returns. Its name is on disk before anything is put into it. Throws `FileError`.
 */
export function makeFolder(folder: string): void {
  const above = dirname(folder);
  try {
    if (isFolder(folder)) return syncNames(above);
    if (above !== folder) makeFolder(above);
    mkdirSync(folder, FOLDER_MODE);
    syncFolder(above);
  } catch (error) {
    // Another process that started at the same time may have created it.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && isFolder(folder)) {
      return syncNames(above);
    }
    throw fileError(`The folder ${folder} cannot be created`, error);
  }
}

/**
 * Makes the names in a folder survive a power cut; syncing a file does not include its name (fsync(2)). Windows cannot
 * sync folders and does not need to.
 */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * For names that were found: whoever created them may have died before they were on disk. Usually they have been there
 * for long, in folders that we may not even be allowed to open.
 */
export function syncNames(folder: string): void {
  try {
    syncFolder(folder);
  } catch {
    // Then they are not ours.
  }
}

/** Throws `FileError` if the path exists but is not a folder. */
function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === false) throw new FileError(`${path} is not a folder`);
  return found !== undefined;
}

/** Creates an empty file and its folder, unless it exists. Throws `FileError`. */
export function makeFile(file: string): void {
  makeFolder(dirname(file));
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) return;
  try {
    closeSync(openSync(file, 'a', FILE_MODE));
  } catch (error) {
    throw fileError(`The file ${file} cannot be created`, error);
  }
}

/** A warning if others than the owner may access a file. Windows has no mode bits. */
export function looseModeWarning(file: string): string | undefined {
  if (process.platform === 'win32') return undefined;
  const mode = statSync(file).mode & 0o777;
  if ((mode & OTHERS) === 0) return undefined;
  const has = mode.toString(8).padStart(3, '0');
  return `${file} is accessible to others than its owner: its mode is ${has}, expected ${FILE_MODE.toString(8)}`;
}

/** The system's message, without its codes. */
export function fileError(what: string, cause: unknown): Error {
  if (cause instanceof FileError) return cause;
  const { errno, message } = cause as NodeJS.ErrnoException;
  const why = errno === undefined ? message : getSystemErrorMessage(errno);
  return new FileError(`${what}: ${why}`, { cause });
}
