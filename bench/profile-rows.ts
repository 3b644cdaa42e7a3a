// What a server has beside the benchmark's eSIM Profiles: for each its Sim, its subscription at the SM-DP+ and two events.
import type { MasterKey } from '../src/process/keys.ts';
import { newSim } from '../src/operator/sim.ts';
import { NO_ORDER } from '../src/smdp/profile-state.ts';
import { toRow } from '../src/smdp/stock/subscription.ts';
import type {
  EsimProfileEventRow,
  EsimProfileRow,
  EsimProfileStatus,
  ProfileState,
  SimRow,
  SubscriptionRow,
} from '../src/store/schema.ts';
import { ACCOUNT, hex, mix, profileColumns, timeOrdered } from './profiles.ts';

const STATES: Partial<Record<EsimProfileStatus, ProfileState>> = {
  available: 'Released',
  downloaded: 'Downloaded',
  installed: 'Installed',
};
const LATER_MS = 500;

/** @returns undefined if the order failed before it had one */
export function sim({ sim_sid: sid, iccid }: EsimProfileRow): SimRow | undefined {
  return sid === null || iccid === null ? undefined : newSim(ACCOUNT.sid, sid, iccid);
}

/** Only the first and the last event of a history: `simwright verify` misses those in between. */
export function events(index: number, profile: EsimProfileRow): EsimProfileEventRow[] {
  const { sid, status, date_created: date } = profile;
  const event = (salt: number, laterMs: number) => ({
    account_sid: ACCOUNT.sid,
    esim_profile_sid: sid,
    sid: `EV${timeOrdered(index, salt, laterMs)}`,
    type: 'status' as const,
    detail: null,
    date_created: date,
  });
  return [
    { ...event(6, 0), status: 'new', previous_status: null, cause: 'ordered' },
    { ...event(7, LATER_MS), status, previous_status: 'reserving', cause: 'the last of its steps' },
  ];
}

/** @returns undefined if the order failed before it had one */
export function subscription(index: number, masterKey: MasterKey): SubscriptionRow | undefined {
  const profile = profileColumns(index);
  const { iccid, sid, eid, matching_id, generate_matching_id, date_created: date } = profile;
  const state = STATES[profile.status];
  if (state === undefined || iccid === null) return undefined;
  const key = (salt: number) =>
    [0, 1, 2, 3].map((part) => hex(mix(index, salt + part)).toUpperCase()).join('');
  const code = (salt: number, digits: number) =>
    String(mix(index, salt) % 10 ** digits).padStart(digits, '0');
  const imported = {
    iccid,
    imsi: `00101${String(index).padStart(10, '0')}`,
    profileType: 'default',
    secrets: {
      ki: key(40),
      opc: key(44),
      pin1: code(50, 4),
      puk1: code(51, 8),
      pin2: code(52, 4),
      puk2: code(53, 8),
      adm1: code(54, 8),
    },
  };
  return {
    ...toRow(imported, ACCOUNT.sid, masterKey, new Date(date)),
    ...NO_ORDER,
    state,
    eid,
    matching_id: generate_matching_id === 1 ? matching_id : '',
    ordered_by: sid,
    date_released: date,
    download_attempts: state === 'Released' ? 0 : 1,
  };
}
