import { api } from '../api.ts';
import { Command } from '../components/command.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { Problem } from '../components/problem.tsx';
import { QrCode } from '../components/qr-code.tsx';
import type { EsimProfile, Install } from '../types.ts';
import { useLoad } from '../use-load.ts';
import { asksForCode } from './next-step.ts';

/** How a device gets the profile: QR code, activation code, links, and the command for the virtual phone. */
export function ProfileDownload({ profile }: { profile: EsimProfile }) {
  const { sid, activation_code: code, smdp_plus_address: address, eid, status } = profile;
  if (address === null || status === 'failed') return null;
  const isOver = status === 'installed';
  return (
    <section class="card download" aria-labelledby="download">
      <h2 id="download">Download</h2>
      {isOver && <p class="muted">The profile is installed; its code can’t be used again.</p>}
      {code === null ? (
        <p>
          Device {eid} needs no code: its LPA asks <code>{address}</code> for profiles ordered for
          its EID.
        </p>
      ) : (
        <>
          {!isOver && (
            <>
              <QrCode text={`LPA:${code}`} what={`LPA:${code}`} />
              <h3>For a phone</h3>
              <Command text={`LPA:${code}`} what="LPA address" />
            </>
          )}
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
      {code !== null && !isOver && (
        <div class="rows">
          <Disclosure summary="One-tap links for your app or mails">
            {() => <OneTap key={code} sid={sid} code={code} />}
          </Disclosure>
        </div>
      )}
    </section>
  );
}

/** Links that open the installer of the phone on which they are tapped. */
function OneTap({ sid, code }: { sid: string; code: string }) {
  const path = `/v1/ESimProfiles/${sid}/Install`;
  const { value, problem, reload } = useLoad(`${path} ${code}`, (signal) =>
    api.get<Install>(path, {}, signal),
  );
  if (problem !== undefined) return <Problem problem={problem} retry={reload} />;
  if (value === undefined) return null;
  return (
    <>
      <h3>iPhone, iPad</h3>
      <Command text={value.apple_url} what="link for iPhone" />
      <p class="muted">From iOS 17.4.</p>
      <h3>Android</h3>
      <Command text={value.android_url} what="link for Android" />
      <p class="muted">Many phones know it, but not all: offer the QR code beside it.</p>
      <h3>Windows 11, and other installers</h3>
      <Command text={value.lpa} what="LPA string" />
    </>
  );
}

function commandFor(code: string | null, address: string): string {
  if (code === null) return `npx simwright device download --smdp ${address}`;
  return `npx simwright device download 'LPA:${code}'${asksForCode(code) ? ' --confirmation-code CODE' : ''}`;
}
