// The model of a disk for power cuts: what fsync(2) promises, and nothing more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Disk } from '../../torture/power-cut/disk.ts';
import type { Fate, Unsynced } from '../../torture/power-cut/disk.ts';

/** A file whose name is on disk, in a folder that was there before. */
function newDisk(): Disk {
  const disk = new Disk();
  disk.mount('/d');
  disk.create('/d/file');
  disk.sync('/d')(true);
  return disk;
}

const write = (disk: Disk, offset: number, text: string) =>
  disk.write('/d/file', offset, Buffer.from(text))();
const sync = (disk: Disk, succeeds = true) => disk.sync('/d/file')(succeeds);

function after(disk: Disk, fateOf: (change: Unsynced['change']) => Fate): string | undefined {
  return disk
    .after(fateOf, (length) => Buffer.alloc(length, '.'))
    .get('/d/file')
    ?.toString();
}
const zeros = (length: number) => Buffer.alloc(length);
const none = () => 'none' as const;
const all = () => 'whole' as const;

test('what was synced is there; what was written since may be', () => {
  const disk = newDisk();
  write(disk, 0, 'one');
  sync(disk);
  write(disk, 3, 'two');
  assert.deepEqual([after(disk, none), after(disk, all)], ['one', 'onetwo']);
});

test('a sync includes only what had been written when it began', () => {
  const disk = newDisk();
  write(disk, 0, 'one');
  const ended = disk.sync('/d/file');
  write(disk, 3, 'two');
  ended(true);
  assert.equal(after(disk, none), 'one');
});

test('later writes may be on disk without earlier ones, and a write in part, sector by sector', () => {
  const disk = newDisk();
  write(disk, 0, 'one');
  write(disk, 3, 'two');
  const [, second] = disk.unsynced();
  assert.equal(
    after(disk, (change) => (change === second!.change ? 'whole' : 'none')),
    '...two',
  );
  write(disk, 0, 'x'.repeat(1_024));
  const torn = after(disk, () => ({ sectors: (index) => index === 1 }));
  assert.equal(torn, `${'.'.repeat(512)}${'x'.repeat(512)}`);
});

test('a new name is there once its folder is synced, whatever is synced of the file', () => {
  const disk = new Disk();
  disk.mount('/d');
  disk.create('/d/file');
  write(disk, 0, 'one');
  sync(disk);
  assert.deepEqual([after(disk, none), after(disk, all)], [undefined, 'one']);
  disk.sync('/d')(true);
  assert.equal(after(disk, none), 'one');
});

test('a name in a folder that is not there leads nowhere', () => {
  const disk = new Disk();
  disk.mount('/d');
  disk.makeFolder('/d/new');
  disk.create('/d/new/file');
  disk.sync('/d/new')(true);
  assert.equal(disk.after(none, zeros).has('/d/new/file'), false);
  disk.sync('/d')(true);
  assert.equal(disk.after(none, zeros).has('/d/new/file'), true);
});

test('after a sync that failed, one that succeeds proves nothing about what came before', () => {
  const disk = newDisk();
  write(disk, 0, 'one');
  sync(disk, false);
  write(disk, 3, 'two');
  sync(disk);
  assert.deepEqual([after(disk, none), after(disk, all)], ['...two', 'onetwo']);
  disk.truncate('/d/file', 0)();
  write(disk, 0, 'new');
  sync(disk);
  assert.deepEqual([after(disk, none), after(disk, all)], ['new', 'new']);
});

test('a rename happens as a whole', () => {
  const disk = newDisk();
  disk.rename('/d/file', '/d/other');
  const names = (fate: () => Fate) => [...disk.after(fate, zeros).keys()];
  assert.deepEqual(
    [names(none), names(all)],
    [
      ['/d', '/d/file'],
      ['/d', '/d/other'],
    ],
  );
});
