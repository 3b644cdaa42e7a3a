// What a disk may hold after a power cut. POSIX promises only what was synced: a file's contents by fsync or fdatasync
// of the file, its name by fsync of its folder. Of everything else, any part may be there, in any order.

/** A change of a file's contents that is not certainly on disk, or comes after one that is not. */
type Change = { at: number; done: boolean; synced: boolean } & (
  { kind: 'write'; offset: number; bytes: Buffer } | { kind: 'truncate'; size: number }
);

interface Inode {
  id: number;
  /** What is certainly on disk. */
  base: Buffer;
  changes: Change[];
}

/** A name that was given or taken away. */
interface Naming {
  at: number;
  done: boolean;
  /** Path → inode; undefined: removed. Several for what happens as a whole, such as a rename. */
  names: [path: string, inode: Inode | 'folder' | undefined][];
}

export interface Unsynced {
  /** In the order in which they were made. */
  at: number;
  change: Change | Naming;
}

/** Which part of an unsynced write is on disk, in sectors: undefined is none of it. */
export type Fate = 'whole' | 'none' | { sectors: (index: number) => boolean };

const SECTOR = 512;

const zeros = (length: number) => Buffer.alloc(length);

export class Disk {
  #clock = 0;
  #inodes = 0;
  /** As the running system sees it. */
  readonly #seen = new Map<string, Inode | 'folder'>();
  /** Names that are certainly on disk. */
  readonly #named = new Map<string, Inode | 'folder'>();
  #namings: Naming[] = [];
  readonly #all = new Set<Inode>();

  has(path: string): boolean {
    return this.#seen.has(path);
  }

  isFolder(path: string): boolean {
    return this.#seen.get(path) === 'folder';
  }

  size(path: string): number {
    const inode = this.#file(path);
    let size = inode.base.length;
    for (const change of inode.changes) {
      size = change.kind === 'truncate' ? change.size : Math.max(size, end(change));
    }
    return size;
  }

  /** A folder that was there before. */
  mount(path: string): void {
    this.#seen.set(path, 'folder');
    this.#named.set(path, 'folder');
  }

  create(path: string): void {
    const inode: Inode = { id: ++this.#inodes, base: Buffer.alloc(0), changes: [] };
    this.#all.add(inode);
    this.#name([[path, inode]]);
  }

  makeFolder(path: string): void {
    this.#name([[path, 'folder']]);
  }

  link(from: string, to: string): void {
    this.#name([[to, this.#seen.get(from)]]);
  }

  unlink(path: string): void {
    this.#name([[path, undefined]]);
  }

  rename(from: string, to: string): void {
    this.#name([
      [from, undefined],
      [to, this.#seen.get(from)],
    ]);
  }

  #name(names: Naming['names']): void {
    for (const [path, inode] of names) {
      if (inode === undefined) this.#seen.delete(path);
      else this.#seen.set(path, inode);
    }
    this.#namings.push({ at: ++this.#clock, done: true, names });
  }

  #file(path: string): Inode {
    const inode = this.#seen.get(path);
    if (inode === undefined || inode === 'folder') throw new Error(`${path} is not a file`);
    return inode;
  }

  /** @returns a function to call when the system has carried it out: only then may a sync include it */
  write(path: string, offset: number, bytes: Buffer): () => void {
    return this.#change(path, { kind: 'write', offset, bytes });
  }

  truncate(path: string, size: number): () => void {
    return this.#change(path, { kind: 'truncate', size });
  }

  #change(
    path: string,
    what: { kind: 'write'; offset: number; bytes: Buffer } | { kind: 'truncate'; size: number },
  ): () => void {
    const change: Change = { at: ++this.#clock, done: false, synced: false, ...what };
    this.#file(path).changes.push(change);
    return () => (change.done = true);
  }

  /**
   * A sync begins.
   * @returns a function to call when it has ended: what had been carried out when it began is on disk if it
   * succeeded. After one that failed the system has forgotten that it must still write: a later one that succeeds
   * proves nothing about it.
   */
  sync(path: string): (succeeded: boolean) => void {
    if (this.isFolder(path)) return this.#syncFolder(path);
    const inode = this.#seen.get(path);
    if (inode === undefined || inode === 'folder') return () => {};
    const covered = inode.changes.filter(({ done }) => done);
    return (succeeded) => {
      for (const change of covered) {
        if (succeeded) change.synced ||= !this.#forgotten.has(change);
        else if (!change.synced) this.#forgotten.add(change);
      }
      settle(inode, this.#forgotten);
    };
  }

  readonly #forgotten = new Set<Change>();

  #syncFolder(folder: string): (succeeded: boolean) => void {
    const covered = this.#namings.filter(({ names }) =>
      names.some(([path]) => path.slice(0, path.lastIndexOf('/')) === folder),
    );
    return (succeeded) => {
      if (!succeeded) return;
      for (const { names } of covered) {
        for (const [path, inode] of names) {
          if (inode === undefined) this.#named.delete(path);
          else this.#named.set(path, inode);
        }
      }
      this.#namings = this.#namings.filter((naming) => !covered.includes(naming));
    };
  }

  /** What may be on disk or not, oldest first. */
  unsynced(): Unsynced[] {
    const changes = Array.from(this.#all, ({ changes: all }) =>
      all.filter(({ synced }) => !synced).map((change) => ({ at: change.at, change })),
    ).flat();
    const namings = this.#namings.map((naming) => ({ at: naming.at, change: naming }));
    return [...changes, ...namings].toSorted((a, b) => a.at - b.at);
  }

  /**
   * The files after a power cut.
   * @param fateOf what becomes of each unsynced change; of a name, anything but `none` is `whole`
   * @param filler what a file holds where it has grown but nothing has been written
   */
  after(
    fateOf: (change: Unsynced['change']) => Fate,
    filler: (length: number) => Buffer,
  ): Map<string, Buffer | 'folder'> {
    const names = new Map(this.#named);
    for (const naming of this.#namings) {
      if (fateOf(naming) === 'none') continue;
      for (const [path, inode] of naming.names) {
        if (inode === undefined) names.delete(path);
        else names.set(path, inode);
      }
    }
    const files = new Map<string, Buffer | 'folder'>();
    for (const [path, inode] of names) {
      // Without its folder, a name leads nowhere.
      if (!this.#isReachable(path, names)) continue;
      files.set(path, inode === 'folder' ? 'folder' : contents(inode, fateOf, filler));
    }
    return files;
  }

  #isReachable(path: string, names: Map<string, unknown>): boolean {
    const folder = path.slice(0, path.lastIndexOf('/'));
    return folder === '' || !this.#seen.has(folder) || names.has(folder);
  }
}

const end = ({ offset, bytes }: { offset: number; bytes: Buffer }) => offset + bytes.length;

/** Whatever is certain, up to the first change that is not, becomes the base. */
function settle(inode: Inode, forgotten: Set<Change>): void {
  // What was before a truncation that is on disk no longer matters.
  const emptied = inode.changes.findLastIndex(
    (change) => change.synced && change.kind === 'truncate' && change.size === 0,
  );
  for (const gone of inode.changes.splice(0, Math.max(0, emptied))) forgotten.delete(gone);
  const uncertain = inode.changes.findIndex(({ synced }) => !synced);
  const certain = inode.changes.splice(0, uncertain === -1 ? inode.changes.length : uncertain);
  if (certain.length === 0) return;
  const content = new Content(inode.base, certain);
  for (const change of certain) content.apply(change, 'whole');
  inode.base = content.bytes;
}

function contents(
  { base, changes }: Inode,
  fateOf: (change: Unsynced['change']) => Fate,
  filler: (length: number) => Buffer,
): Buffer {
  const content = new Content(base, changes);
  for (const change of changes) {
    const fate = change.synced ? 'whole' : fateOf(change);
    if (fate !== 'none') content.apply(change, fate, filler);
  }
  return content.bytes;
}

/** A copy that has room for all changes. */
class Content {
  readonly #room: Buffer;
  #size: number;

  constructor(base: Buffer, changes: readonly Change[]) {
    const sizes = changes.map((one) => (one.kind === 'truncate' ? one.size : end(one)));
    this.#room = Buffer.alloc(sizes.reduce((most, size) => Math.max(most, size), base.length));
    this.#size = base.copy(this.#room);
  }

  get bytes(): Buffer {
    return this.#room.subarray(0, this.#size);
  }

  apply(
    change: Change,
    fate: Exclude<Fate, 'none'>,
    filler: (length: number) => Buffer = zeros,
  ): void {
    if (change.kind === 'truncate') {
      // What is cut off and later grown over again is zero (ftruncate(2)).
      this.#room.fill(0, change.size);
      this.#size = change.size;
      return;
    }
    const { offset, bytes } = change;
    if (end(change) > this.#size) {
      filler(end(change) - this.#size).copy(this.#room, this.#size);
      this.#size = end(change);
    }
    if (fate === 'whole') {
      bytes.copy(this.#room, offset);
      return;
    }
    // Sectors are those of the file, not of the write.
    for (let at = 0; at < bytes.length;) {
      const next = Math.min(bytes.length, at + SECTOR - ((offset + at) % SECTOR));
      const isThere = fate.sectors(Math.floor((offset + at) / SECTOR));
      if (isThere) bytes.copy(this.#room, offset + at, at, next);
      at = next;
    }
  }
}
