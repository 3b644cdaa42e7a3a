import { Command } from '../components/command.tsx';
import type { EsimProfile } from '../types.ts';

/** How a device gets the profile: QR code, activation code, and the command for the virtual phone. */
export function ProfileDownload({ profile }: { profile: EsimProfile }) {
  const { sid, activation_code: code, smdp_plus_address: address, eid, status } = profile;
  if (address === null) return null;
  const isOver = status === 'installed' || status === 'failed';
  return (
    <section class="card download" aria-labelledby="download">
      <h2 id="download">Download</h2>
      {isOver && (
        <p class="muted">
          {status === 'installed'
            ? 'The profile is installed; its code can’t be used again.'
            : 'This profile can’t be downloaded.'}
        </p>
      )}
      {code === null ? (
        <p>
          Device {eid} needs no code: its LPA asks <code>{address}</code> for profiles ordered for
          its EID.
        </p>
      ) : (
        <>
          <img
            class="qr"
            data-over={isOver}
            src={`/v1/ESimProfiles/${sid}/QrCode`}
            alt={`QR code of LPA:${code}`}
            width="200"
            height="200"
          />
          <h3>For a phone</h3>
          <Command text={`LPA:${code}`} what="LPA address" />
          <h3>Activation code</h3>
          <Command text={code} what="activation code" />
        </>
      )}
      {!isOver && (
        <>
          <h3>With a virtual phone</h3>
          <Command text={commandFor(code, address)} what="command for a virtual phone" />
        </>
      )}
    </section>
  );
}

function commandFor(code: string | null, address: string): string {
  if (code === null) return `npx simwright device download --smdp ${address}`;
  // SGP.22 §4.1: the fifth field says whether a confirmation code is required.
  const asks = code.split('$')[4] === '1';
  return `npx simwright device download 'LPA:${code}'${asks ? ' --confirmation-code CODE' : ''}`;
}
