// Links to install pages. Whoever has one can install the profile, so only the hash of its token is stored, and it ends.
import { hash, randomBytes } from 'node:crypto';
import { INSTALL_LINK_KEPT_MS } from '../../process/retention.ts';
import type { BrandRow, EsimProfileRow, InstallLinkRow } from '../../store/schema.ts';
import type { Store, Transaction } from '../../store/store.ts';
import type { Unit } from '../../unit.ts';
import { apiDate } from '../../values/date.ts';
import { isUsable, NoActivationCode } from '../qr/qr-labels.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** From a link's creation until it expires. */
export const LINK_LIFETIME = { leastMs: MINUTE_MS, mostMs: 90 * DAY_MS, otherwiseMs: 7 * DAY_MS };
/** Of a profile, including those that have ended. */
export const LINKS_PER_PROFILE = 20;

/** Easy to read aloud and to type: no letter looks like another, or like a digit. 26 of the 32 are 130 random bits. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const TOKEN_LENGTH = 26;
const TOKEN = new RegExp(`^[${ALPHABET}]{${TOKEN_LENGTH}}$`);

export type LinkState = 'active' | 'expired' | 'revoked';

/** No link can be made: there is nothing to install, the expiry is out of bounds, or there are too many. */
export class InstallLinkRefused extends Error {
  override name = 'InstallLinkRefused';
  readonly what: 'expiry' | 'count';

  constructor(what: InstallLinkRefused['what'], message: string) {
    super(message);
    this.what = what;
  }
}

/** When a link ends: at a time, or so many milliseconds from now. */
export type LinkEnd = { at: Date } | { inMs: number };

/**
 * Throws `NoActivationCode` if nothing can be installed, now or later, and `InstallLinkRefused`.
 * @returns the link, and its token in clear, which is not stored
 */
export async function createInstallLink(
  accountSid: string,
  esimProfileSid: string,
  end: LinkEnd = { inMs: LINK_LIFETIME.otherwiseMs },
  { tables, now, sids, audit }: Unit,
): Promise<{ link: InstallLinkRow; token: string }> {
  // Locked, so that concurrent calls count each other's links.
  const profile = await tables.installLinks.lockProfile(accountSid, esimProfileSid);
  if (profile === undefined || !canBeInstalled(profile)) {
    throw new NoActivationCode(esimProfileSid, profile);
  }
  const expires = 'at' in end ? end.at : new Date(now.getTime() + end.inMs);
  checkExpiry(expires, now);
  await makeRoom(accountSid, esimProfileSid, now, tables);
  const token = Array.from(randomBytes(TOKEN_LENGTH), (byte) => ALPHABET[byte % 32]!).join('');
  const link: InstallLinkRow = {
    account_sid: accountSid,
    esim_profile_sid: esimProfileSid,
    sid: sids.next('installLink', now),
    token_hash: digest(token),
    date_created: now.toISOString(),
    date_expires: expires.toISOString(),
    date_revoked: null,
  };
  await tables.installLinks.insert(link);
  const after = { esim_profile_sid: esimProfileSid, date_expires: link.date_expires };
  await audit(accountSid, { subject: link.sid, after });
  return { link, token };
}

/** @returns false if it was already revoked, undefined if the profile has no such link */
export async function revokeInstallLink(
  accountSid: string,
  esimProfileSid: string,
  sid: string,
  { tables: { installLinks }, now, audit }: Unit,
): Promise<boolean | undefined> {
  const link = await installLinks.find(accountSid, esimProfileSid, sid);
  if (link === undefined || !(await installLinks.revoke(link, now.toISOString()))) {
    return link && false;
  }
  await audit(accountSid, { subject: sid, before: { esim_profile_sid: esimProfileSid } });
  return true;
}

/** What an install page shows. */
export interface InstallPage {
  link: InstallLinkRow;
  profile: EsimProfileRow;
  brand: BrandRow | undefined;
}

/** @returns undefined if the token is unknown, or its link has expired or is revoked */
export async function findInstallPage(
  token: string,
  now: Date,
  { installLinks, esimProfiles, brands }: Pick<Store, 'installLinks' | 'esimProfiles' | 'brands'>,
): Promise<InstallPage | undefined> {
  if (!TOKEN.test(token)) return undefined;
  const link = await installLinks.findByToken(digest(token));
  if (link === undefined || stateOf(link, now) !== 'active') return undefined;
  const [profile, brand] = await Promise.all([
    esimProfiles.find(link.account_sid, link.esim_profile_sid),
    brands.find(link.account_sid),
  ]);
  return profile && { link, profile, brand };
}

export function stateOf(link: InstallLinkRow, now: Date): LinkState {
  if (link.date_revoked !== null) return 'revoked';
  return link.date_expires > now.toISOString() ? 'active' : 'expired';
}

export const installPageUrl = (publicUrl: string, token: string) => `${publicUrl}/i/${token}`;

/** Deletes up to `limit` links whose retention has ended. @returns how many */
export async function forgetInstallLinks(
  limit: number,
  { tables, now }: Pick<Unit, 'tables' | 'now'>,
): Promise<number> {
  const old = new Date(now.getTime() - INSTALL_LINK_KEPT_MS).toISOString();
  return tables.installLinks.deleteExpiredBefore(old, limit);
}

function canBeInstalled(profile: EsimProfileRow): boolean {
  const isEarly = profile.status === 'new' || profile.status === 'reserving';
  if (isEarly) return profile.generate_matching_id === 1;
  return profile.activation_code !== null && isUsable(profile);
}

function checkExpiry(date: Date, now: Date): void {
  const lifetime = date.getTime() - now.getTime();
  const { leastMs, mostMs } = LINK_LIFETIME;
  if (lifetime >= leastMs && lifetime <= mostMs) return;
  throw new InstallLinkRefused(
    'expiry',
    `expected a time between a minute and ${mostMs / DAY_MS} days from now; got ${apiDate(date)}`,
  );
}

/** Links that have ended make room, the oldest first. */
async function makeRoom(
  accountSid: string,
  esimProfileSid: string,
  now: Date,
  { installLinks }: Pick<Transaction, 'installLinks'>,
): Promise<void> {
  const links = await installLinks.list(accountSid, esimProfileSid);
  const excess = links.length - (LINKS_PER_PROFILE - 1);
  if (excess <= 0) return;
  const ended = links.filter((link) => stateOf(link, now) !== 'active').slice(-excess);
  if (ended.length < excess) {
    throw new InstallLinkRefused(
      'count',
      `eSIM Profile ${esimProfileSid} has ${links.length} install links, the most that it can have; revoke one first`,
    );
  }
  for (const link of ended) await installLinks.delete(link);
}

function digest(token: string): string {
  return hash('sha256', token, 'hex');
}
