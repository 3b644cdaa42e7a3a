import { Command, Option } from 'commander';
import { hsmSigner } from '../smdp/pki/hsm-signer.ts';
import { keptElsewhere } from '../smdp/pki/external-signer.ts';
import { titleOf } from '../smdp/pki/pki-certificate.ts';
import { loadPki } from '../smdp/pki/pki.ts';
import { withData } from './data.ts';
import { withHsm } from './hsm.ts';
import { examples, parseCount } from './options.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';

const HELP = `
Signs for each DPauth and DPpb certificate whose key is not in the database, and verifies each signature by the
certificate. It logs in even if a wrong PIN was given before, which servers do not do: if the PIN is right, the
token forgets the wrong one, and they go on.`;

/** `simwright hsm test` */
export function hsmTestCommand(): Command {
  return new Command('test')
    .description('sign with the keys of the certificates, and say how long that takes')
    .addOption(
      new Option('--count <N>', 'signatures of each').argParser(parseCount(1_000_000)).default(100),
    )
    .addOption(
      new Option('--at-once <N>', 'signatures at once').argParser(parseCount(10_000)).default(1),
    )
    .addHelpText('after', HELP)
    .addHelpText('after', examples(['simwright hsm test --count 1000 --at-once 8']))
    .action(({ count, atOnce }: { count: number; atOnce: number }) =>
      withHsm(async (hsm, { token }) => {
        print(`The token '${token.token}' is open.\n`);
        await withData(async ({ store, masterKey, now, config: { outdatedCrl } }) => {
          const signers = hsmSigner(hsm);
          const pki = await loadPki(store, masterKey, now, { outdatedCrl, signers });
          const certificates = keptElsewhere(pki);
          if (certificates.length === 0) {
            throw new UserError(
              'No certificate has its key elsewhere: import some with simwright pki import',
            );
          }
          for (const loaded of certificates) {
            await signers.check([loaded]);
            let left = count;
            const started = performance.now();
            const signOne = async () => {
              while (left > 0) {
                left -= 1;
                await loaded.signer!.sign(Buffer.from(`Simwright asks: ${left}`));
              }
            };
            await Promise.all(Array.from({ length: atOnce }, signOne));
            const ms = performance.now() - started;
            print(
              `${titleOf(loaded)}: ${count} signatures, ${atOnce} at once, in ${(ms / 1_000).toFixed(2)} s: ` +
                `${Math.round(count / (ms / 1_000))} a second\n`,
            );
          }
        });
      }),
    );
}
