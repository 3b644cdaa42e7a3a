// How commands show virtual devices, without their keys.
import type { DeviceRecord } from '../device/device-store.ts';
import type { NotificationState, ProfileState } from '../device/euicc-state.ts';
import { profileMetadata } from '../device/installed-profiles.ts';
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

export function deviceFields({ name, imei, dateCreated, euicc }: DeviceRecord) {
  const fields: [string, string | number | null][] = [
    ['Device', name],
    ['EID', euicc.eid],
    ['IMEI', imei],
    ['Default SM-DP+', euicc.defaultDpAddress],
    ['Root SM-DS', euicc.rootDsAddress === '' ? null : euicc.rootDsAddress],
    ['Created', dateCreated],
  ];
  return fields;
}

export function deviceRecord({ name, imei, dateCreated, euicc }: DeviceRecord) {
  return {
    name,
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
  };
}

export function notificationRecord(notification: NotificationState) {
  const { seqNumber, event, iccid, notificationAddress } = notification;
  return { seq_number: seqNumber, event, iccid: iccid ?? null, address: notificationAddress };
}

function stateOf({ isEnabled }: ProfileState): string {
  return isEnabled ? 'enabled' : 'disabled';
}
