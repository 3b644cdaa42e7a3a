// ES10c.GetProfilesInfo, §5.7.15.
import {
  ProfileInfoListRequest,
  ProfileInfoListResponse,
  type ProfileInfo,
} from '../rsp/definitions/local-functions.ts';
import { DerReader, hexTag, readDer } from '../rsp/der.ts';
import { DerError } from '../rsp/der-error.ts';
import { encodeIccid } from '../rsp/identifiers.ts';
import { fromBase64, fromHex, type ProfileState } from './euicc-state.ts';
import type { Euicc } from './euicc.ts';
import { findProfileBy, profileMetadata } from './installed-profiles.ts';

/** §5.7.15: the tags of ProfileInfo's data objects, and whether they are returned without a tag list. */
const dataObjects = {
  iccid: { tag: 0x5a, isDefault: true },
  isdpAid: { tag: 0x4f, isDefault: true },
  profileState: { tag: 0x9f70, isDefault: true },
  profileNickname: { tag: 0x90, isDefault: true },
  serviceProviderName: { tag: 0x91, isDefault: true },
  profileName: { tag: 0x92, isDefault: true },
  iconType: { tag: 0x93, isDefault: true },
  icon: { tag: 0x94, isDefault: true },
  profileClass: { tag: 0x95, isDefault: true },
  notificationConfigurationInfo: { tag: 0xb6, isDefault: false },
  profileOwner: { tag: 0xb7, isDefault: false },
  dpProprietaryData: { tag: 0xb8, isDefault: false },
  profilePolicyRules: { tag: 0x99, isDefault: false },
  serviceSpecificDataStoredInEuicc: { tag: 0xbf22, isDefault: false },
  ecallIndication: { tag: 0x9f7b, isDefault: false },
  fallbackAttribute: { tag: 0x9f26, isDefault: false },
  fallbackAllowed: { tag: 0x9f67, isDefault: false },
} as const satisfies Record<keyof ProfileInfo, { tag: number; isDefault: boolean }>;

const INCORRECT_INPUT_VALUES = 1;

export function getProfilesInfo(euicc: Euicc, der: Uint8Array): Uint8Array {
  const inner = DerReader.inside(readDer(der));
  const tags: number[] = [];
  while (!inner.isAtEnd) tags.push(inner.next().tag);
  try {
    return ProfileInfoListResponse.encode({ profileInfoListOk: list(euicc, der, tags) });
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return ProfileInfoListResponse.encode({ profileInfoListError: INCORRECT_INPUT_VALUES });
  }
}

function list(euicc: Euicc, der: Uint8Array, given: readonly number[]): ProfileInfo[] {
  const { searchCriteria, tagList } = ProfileInfoListRequest.decode(der);
  // A misplaced criterion or list would be taken for an extension and ignored.
  if (given.includes(0xa0) !== (searchCriteria !== undefined)) throw misplaced(0xa0);
  if (given.includes(0x5c) !== (tagList !== undefined)) throw misplaced(0x5c);
  const wanted = tagList && readTagList(tagList);
  return find(euicc, searchCriteria).map((profile) => {
    const isFallback = euicc.state.iot?.fallbackIccid === profile.iccid;
    const info = { ...infoOf(profile), ...(isFallback ? { fallbackAttribute: true } : {}) };
    const known = Object.entries(info).filter(([name]) => {
      const { tag, isDefault } = dataObjects[name as keyof ProfileInfo];
      return wanted?.includes(tag) ?? isDefault;
    });
    return Object.fromEntries(known) as ProfileInfo;
  });
}

function misplaced(tag: number): DerError {
  return new DerError(`${hexTag(tag)} out of place`, 0);
}

function find(
  euicc: Euicc,
  criterion: ProfileInfoListRequest['searchCriteria'],
): readonly ProfileState[] {
  const { profiles } = euicc.state;
  if (criterion === undefined) return profiles;
  if (criterion.profileClass === undefined) {
    const found = findProfileBy(euicc, criterion);
    return found === undefined ? [] : [found];
  }
  return profiles.filter(
    (profile) => profileMetadata(profile).profileClass === criterion.profileClass,
  );
}

/** All known data of a profile, without missing values. */
function infoOf(profile: ProfileState): ProfileInfo {
  const { dpProprietaryData, nickname } = profile;
  return {
    ...profileMetadata(profile),
    iccid: encodeIccid(profile.iccid),
    isdpAid: fromHex(profile.isdpAid),
    profileState: profile.isEnabled ? 1 : 0,
    ...(nickname === '' ? {} : { profileNickname: nickname }),
    ...(dpProprietaryData === undefined
      ? {}
      : { dpProprietaryData: fromBase64(dpProprietaryData) }),
  };
}

/** Reads concatenated tags of one or more bytes (X.690 §8.1.2). Throws `DerError`. */
function readTagList(tagList: Uint8Array): number[] {
  const tags: number[] = [];
  for (let at = 0; at < tagList.length;) {
    const first = tagList[at++] ?? 0;
    let tag = first;
    for (let hasMore = (first & 0x1f) === 0x1f; hasMore;) {
      const byte = tagList[at++];
      if (byte === undefined) throw new DerError('a truncated tag', at);
      tag = tag * 256 + byte;
      hasMore = byte >= 0x80;
    }
    tags.push(tag);
  }
  return tags;
}
