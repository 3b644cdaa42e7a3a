import type { Config, Secrets } from '../config.ts';
import { readMasterKey } from '../process/key-file.ts';
import { MasterKey } from '../process/keys.ts';

/** For commands that make none. Throws `FileError`, `SealError`. */
export function masterKeyOf(config: Config, secrets: Secrets): MasterKey {
  return secrets.masterKey === undefined
    ? readMasterKey(config.masterKeyFile)
    : new MasterKey(secrets.masterKey);
}
