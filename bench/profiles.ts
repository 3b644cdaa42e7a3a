// The eSIM Profiles of the benchmark: each is a function of its number, so every process knows them all.
import { apiDate } from '../src/values/date.ts';
import { luhnDigit } from '../src/rsp/identifiers.ts';
import { renderEsimProfile } from '../src/operator/resource.ts';
import type { EsimProfileRow, EsimProfileStatus } from '../src/store/schema.ts';

export const ACCOUNT = {
  sid: `AC${'b'.repeat(32)}`,
  authToken: 'benchmark0benchmark0benchmark0be',
};
/** Orders use another account, so that the lists do not change. */
export const ORDERING = {
  sid: `AC${'c'.repeat(32)}`,
  authToken: 'orders0000orders0000orders0000or',
};

const FIRST = Date.UTC(2025, 0, 1);
const SMDP = 'smdp.example.com';
/**
 * Every so many profiles in turn belong to devices of their own, so a device has as many profiles in a long list as in a
 * short one.
 */
const BLOCK = 10_000;
const DEVICES_PER_BLOCK = 2_500;
/** A device of a laboratory that gets every five-hundredth profile. */
const LAB_EVERY = 500;
export const LAB_EID = `89049032${'0'.repeat(23)}b`;
const ICCID_SALT = 30;
const SIGNS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** Number `index` of the list, counted from the oldest; they are a second apart. */
export function profile(index: number): EsimProfileRow {
  const row = profileColumns(index);
  return { ...row, resource: renderEsimProfile(row) };
}

/** Number `index` without what is rendered from it. */
export function profileColumns(index: number): Omit<EsimProfileRow, 'resource'> {
  const date = createdAt(index);
  const status = statusOf(index);
  const eid = eidOf(index, status);
  const reserved = status !== 'failed';
  const matchingId = reserved && (eid === null || index % 2 === 0) ? matchingIdOf(index) : null;
  return {
    account_sid: ACCOUNT.sid,
    sid: profileSid(index),
    status,
    iccid: reserved ? iccidOf(index) : null,
    sim_sid: reserved ? simSid(index) : null,
    eid,
    smdp_plus_address: reserved ? SMDP : null,
    matching_id: matchingId,
    activation_code: matchingId && `1$${SMDP}$${matchingId}`,
    error_code: reserved ? null : '83500',
    error_message: reserved ? null : 'No eSIM Profiles are available',
    chosen_matching_id: null,
    generate_matching_id: matchingId === null ? (0 as const) : (1 as const),
    profile_type: reserved ? 'default' : null,
    profile_type_learned: reserved ? (1 as const) : (0 as const),
    wanted_iccid: null,
    friendly_name: null,
    friendly_name_folded: null,
    metadata: null,
    confirmation_code: null,
    eid_learned: 0 as const,
    expires_at: null,
    replaces_sid: null,
    replaced_by_sid: null,
    batch_sid: null,
    request_id: null,
    revision: 0,
    callback_url: null,
    callback_method: 'POST' as const,
    callback_off: 0 as const,
    date_created: date,
    date_updated: date,
  };
}

export const createdAt = (index: number) => apiDate(new Date(FIRST + index * 1000));
export const profileSid = (index: number) => `HP${timeOrdered(index, 1)}`;
export const simSid = (index: number) => `HS${timeOrdered(index, 2)}`;

/** One in a thousand is `failed`; none is waiting for a reservation. */
function statusOf(index: number): EsimProfileStatus {
  const share = mix(index, 3) % 1000;
  if (share === 0) return 'failed';
  if (share < 550) return 'installed';
  return share < 600 ? 'downloaded' : 'available';
}

function eidOf(index: number, status: EsimProfileStatus): string | null {
  if (index % LAB_EVERY === 0) return LAB_EID;
  if (status === 'available' && index % 2 === 0) return null;
  const block = Math.floor(index / BLOCK);
  return deviceEid(block * DEVICES_PER_BLOCK + (mix(index, 4) % DEVICES_PER_BLOCK));
}

/** How many devices have the first so many profiles. */
export const deviceCount = (profiles: number) => Math.ceil(profiles / BLOCK) * DEVICES_PER_BLOCK;

export const deviceEid = (device: number) => `89049032${hex(device)}00000000${hex(mix(device, 5))}`;

/** The profiles are not in the order of their ICCIDs. */
export const iccidOf = (index: number) => iccidOfSerial(mix(index, ICCID_SALT));

/** The numbers of the first so many profiles, in the order of their ICCIDs. */
export function* byIccid(profiles: number): Generator<number> {
  const serials = Uint32Array.from({ length: profiles }, (_serial, index) =>
    mix(index, ICCID_SALT),
  );
  for (const serial of serials.toSorted()) yield unmix(serial, ICCID_SALT);
}

function iccidOfSerial(serial: number): string {
  const digits = `8988307${String(serial).padStart(11, '0')}`;
  return digits + luhnDigit(digits);
}

export function matchingIdOf(index: number): string {
  const groups = Array.from({ length: 5 }, (_group, at) => {
    const bits = mix(index, 10 + at);
    return [0, 5, 10, 15, 20].map((shift) => SIGNS[(bits >>> shift) & 31]).join('');
  });
  return groups.join('-');
}

/** @param laterMs after the profile was created */
export function timeOrdered(index: number, salt: number, laterMs = 0): string {
  const random = hex(mix(index, salt)) + hex(mix(index, salt + 100));
  const time = FIRST + index * 1000 + laterMs;
  return `${HEX[Math.floor(time / 2 ** 32)]}${hex(time % 2 ** 32)}70008${random.slice(1)}`;
}

/** Four digits each. */
const HEX = Array.from({ length: 0x10000 }, (_, value) => value.toString(16).padStart(4, '0'));

/** @param value of 32 bits. @returns 8 digits */
export const hex = (value: number) => HEX[value >>> 16]! + HEX[value & 0xffff]!;

/** 32 bits that look random, different for every 32 bits: the finalizer of MurmurHash3. */
export function mix(value: number, salt: number): number {
  let bits = (value + Math.imul(salt, 0x9e3779b9)) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** The value that `mix` was given. */
function unmix(mixed: number, salt: number): number {
  let bits = mixed ^ (mixed >>> 16);
  bits = Math.imul(bits, 0x7ed1b41d);
  bits = Math.imul(bits ^ (bits >>> 13) ^ (bits >>> 26), 0xa5cb9243);
  bits ^= bits >>> 16;
  return (bits - Math.imul(salt, 0x9e3779b9)) >>> 0;
}
