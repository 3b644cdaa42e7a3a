// How commands show virtual devices, without their keys.
import type { DeviceRecord } from '../device/device-store.ts';
import type { EimState, IotState, NotificationState, ProfileState } from '../device/euicc-state.ts';
import { profileMetadata } from '../device/installed-profiles.ts';
import { configurationOf } from '../device/iot/associated-eims.ts';
import { kindOf } from './device-data.ts';
import type { TableColumn } from './table.ts';

export const PROFILE_COLUMNS: TableColumn<ProfileState>[] = [
  { title: 'ICCID', value: ({ iccid }) => iccid },
  {
    title: 'STATE',
    value: stateOf,
    style: ({ isEnabled }) => (isEnabled ? 'green' : undefined),
  },
  {
    title: 'PROVIDER',
    flexible: true,
    value: (profile) => profileMetadata(profile).serviceProviderName,
  },
  { title: 'NAME', flexible: true, value: (profile) => profileMetadata(profile).profileName },
];

export const NOTIFICATION_COLUMNS: TableColumn<NotificationState>[] = [
  { title: 'NUMBER', value: ({ seqNumber }) => seqNumber },
  { title: 'EVENT', value: ({ event }) => event.slice('notification'.length).toLowerCase() },
  { title: 'ICCID', value: ({ iccid }) => iccid ?? null },
  { title: 'TO', flexible: true, value: ({ notificationAddress }) => notificationAddress },
];

/** An eIM that an IoT eUICC knows. */
export const EIM_COLUMNS: TableColumn<EimState>[] = [
  { title: 'EIM', flexible: true, value: (eim) => configurationOf(eim).eimId },
  { title: 'ADDRESS', flexible: true, value: (eim) => configurationOf(eim).eimFqdn ?? null },
  { title: 'COUNTER', value: ({ counterValue }) => counterValue },
  { title: 'TOKEN', value: ({ associationToken }) => associationToken ?? null },
];

export function deviceFields(device: DeviceRecord) {
  const { name, imei, dateCreated, euicc } = device;
  const fields: [string, string | number | null][] = [
    ['Device', name],
    ['Kind', kindOf(device)],
    ['EID', euicc.eid],
    ['IMEI', imei],
    ['Default SM-DP+', euicc.defaultDpAddress],
    ['Root SM-DS', euicc.rootDsAddress === '' ? null : euicc.rootDsAddress],
    ['Created', dateCreated],
  ];
  return fields;
}

/** What only an IoT eUICC has. */
export function iotFields({ fallbackIccid, immediateEnable, rollback, results }: IotState) {
  const fields: [string, string | number | null][] = [
    ['Fallback profile', fallbackIccid ?? 'none'],
    ['May go back to', rollback?.previousIccid ?? 'nothing'],
    ['Immediate enable', immediateEnable.isAllowed ? 'allowed' : 'no'],
    ['Results not acknowledged', results.length],
  ];
  return fields;
}

export function deviceRecord(device: DeviceRecord) {
  const { name, imei, dateCreated, euicc } = device;
  return {
    name,
    kind: euicc.iot === undefined ? 'phone' : 'iot',
    eid: euicc.eid,
    imei,
    default_smdp_address: euicc.defaultDpAddress,
    root_smds_address: euicc.rootDsAddress,
    date_created: dateCreated,
    profiles: euicc.profiles.map((profile) => ({
      iccid: profile.iccid,
      state: stateOf(profile),
      service_provider_name: profileMetadata(profile).serviceProviderName,
      profile_name: profileMetadata(profile).profileName,
    })),
    notifications: euicc.notifications.map(notificationRecord),
    ...(euicc.iot === undefined ? {} : iotRecord(euicc.iot)),
  };
}

function iotRecord({ eims, fallbackIccid, rollback, immediateEnable, results }: IotState) {
  return {
    eims: eims.map((eim) => {
      const { eimId, eimFqdn = null } = configurationOf(eim);
      const { counterValue: counter, associationToken: token = null } = eim;
      return { eim_id: eimId, eim_fqdn: eimFqdn, counter, association_token: token };
    }),
    fallback_iccid: fallbackIccid ?? null,
    rollback_iccid: rollback?.previousIccid ?? null,
    immediate_enable: immediateEnable.isAllowed,
    unacknowledged_results: results.map(({ seqNumber }) => seqNumber),
  };
}

export function notificationRecord(notification: NotificationState) {
  const { seqNumber, event, iccid, notificationAddress } = notification;
  return { seq_number: seqNumber, event, iccid: iccid ?? null, address: notificationAddress };
}

function stateOf({ isEnabled }: ProfileState): string {
  return isEnabled ? 'enabled' : 'disabled';
}
