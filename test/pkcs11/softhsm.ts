// A real PKCS #11 token in a folder: SoftHSM (Debian's softhsm2).
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MODULES = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
];
export const SOFTHSM = MODULES.find((file) => existsSync(file));

export const withoutSofthsm =
  (SOFTHSM === undefined || spawnSync('softhsm2-util', ['--version']).error !== undefined) &&
  'SoftHSM is not installed here';

export const PIN = '4321';

export interface SoftHsm extends AsyncDisposable {
  folder: string;
  /** File of the PKCS #11 module. */
  module: string;
  /** Another token. */
  addToken(label: string): void;
  /** Takes the tokens away, as if the HSM was unplugged. */
  remove(): Promise<void>;
  putBack(): Promise<void>;
}

/** Processes that are started meanwhile use it. */
export async function startSofthsm(label: string): Promise<SoftHsm> {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-hsm-'));
  const tokens = join(folder, 'tokens');
  await mkdir(tokens);
  const conf = join(folder, 'softhsm2.conf');
  await writeFile(
    conf,
    `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  const before = process.env['SOFTHSM2_CONF'];
  process.env['SOFTHSM2_CONF'] = conf;
  const addToken = (name: string) => {
    const pins = ['--pin', PIN, '--so-pin', '12345678'];
    execFileSync('softhsm2-util', ['--init-token', '--free', '--label', name, ...pins], {
      stdio: 'pipe',
    });
  };
  addToken(label);
  return {
    folder,
    module: SOFTHSM!,
    addToken,
    remove: () => rename(tokens, `${tokens}.away`),
    putBack: () => rename(`${tokens}.away`, tokens),
    async [Symbol.asyncDispose]() {
      if (before === undefined) delete process.env['SOFTHSM2_CONF'];
      else process.env['SOFTHSM2_CONF'] = before;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
