// The file that Microsoft Intune imports: the host of one SM-DP+, then a line `ICCID,matching ID` per profile. Made by the
// server, and by the console's page of selected profiles.
// https://learn.microsoft.com/mem/intune/configuration/esim-device-configuration
import type { EsimProfileStatus } from '../../store/schema.ts';

/** Activation codes that Intune takes in one file. */
export const INTUNE_LIMIT = 1000;
/** Each code is used once, by whichever device Intune gives it to. */
export const INTUNE_STATUS = 'available' satisfies EsimProfileStatus;

// As in Microsoft Graph's embeddedSIMActivationCode.
const ICCID = /^\d{19,20}$/;
const MATCHING_ID = /^[a-zA-Z0-9-]+$/;
const HOST = /^([a-zA-Z0-9]+(-[a-zA-Z0-9]+)*\.)+[a-zA-Z]{2,}$/;

/** The file cannot be made from these eSIM Profiles; the message says what to do. */
export class NotForIntune extends Error {
  override name = 'NotForIntune';
}

export interface IntuneFile {
  text: string;
  /** The profiles in it. */
  count: number;
  /** Those that Intune could not use: without a code, with a confirmation code, or with an ICCID in another form. */
  leftOut: number;
  /** The last SID examined, if there are more for another file. */
  last: string | undefined;
}

interface Found {
  sid: string;
  iccid: string | null;
  matching_id: string | null;
  activation_code: string | null;
  smdp_plus_address: string | null;
}

/** The filter of the eSIM Profiles that can be in such a file. Throws `NotForIntune` if it excludes them all. */
export function intuneFilter<
  Given extends { columns: Record<string, string | readonly string[] | undefined> },
>(filter: Given): Given {
  const { status } = filter.columns;
  if (status !== undefined && ![status].flat().includes(INTUNE_STATUS)) {
    throw new NotForIntune(`Intune can only use profiles that are ${INTUNE_STATUS}`);
  }
  return { ...filter, columns: { ...filter.columns, status: INTUNE_STATUS } };
}

/**
 * @param pages rendered resources
 * @param address only the profiles of this SM-DP+ Throws `NotForIntune`.
 */
export async function intuneFile(
  pages: AsyncIterable<readonly string[]>,
  address?: string,
): Promise<IntuneFile> {
  const lines: string[] = [];
  const hosts = new Set<string>();
  let leftOut = 0;
  let examined: string | undefined;
  let last: string | undefined;
  read: for await (const page of pages) {
    for (const json of page) {
      const profile = JSON.parse(json) as Found;
      if (lines.length === INTUNE_LIMIT) {
        last = examined;
        break read;
      }
      examined = profile.sid;
      const { smdp_plus_address: host } = profile;
      if (
        host === null ||
        (address !== undefined && host.toLowerCase() !== address.toLowerCase())
      ) {
        continue;
      }
      const line = lineOf(profile);
      if (line === undefined) {
        leftOut++;
        continue;
      }
      hosts.add(host.toLowerCase());
      lines.push(line);
    }
  }
  if (lines.length === 0) {
    throw new NotForIntune(
      `No matching eSIM Profile can be used by Intune: expected ${INTUNE_STATUS} ones with an activation code, ` +
        `without a confirmation code, and with an ICCID of 19 or 20 digits${leftOut === 0 ? '' : `; left out: ${leftOut}`}`,
    );
  }
  const [host, ...others] = hosts;
  if (others.length > 0) {
    throw new NotForIntune(
      `Intune takes the profiles of one SM-DP+ per file; these are at ${[...hosts].join(', ')}: choose one`,
    );
  }
  if (!HOST.test(host!)) {
    throw new NotForIntune(
      `Intune takes only the full name of a host, without a port; these profiles are at ${host}`,
    );
  }
  const text = [host, ...lines].map((line) => `${line}\r\n`).join('');
  return { text, count: lines.length, leftOut, last };
}

function lineOf({ iccid, matching_id: matchingId, activation_code: code }: Found) {
  // SGP.22 §4.1: the fifth part tells that a confirmation code is required, which Intune cannot give.
  const isUsable =
    iccid !== null &&
    matchingId !== null &&
    code !== null &&
    code.split('$')[4] !== '1' &&
    ICCID.test(iccid) &&
    MATCHING_ID.test(matchingId);
  return isUsable ? `${iccid},${matchingId}` : undefined;
}
