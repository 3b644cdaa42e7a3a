// What the owner of an order can do with it, and why not. The API decides; this only spares its user a refusal.
import type { EsimProfile, EsimProfileEvent, Status } from '../types.ts';

export const ACTIONS = ['reissue', 'bind', 'code', 'expire', 'reorder', 'cancel'] as const;
export type Action = (typeof ACTIONS)[number];

export interface Possibilities {
  actions: readonly Action[];
  /** Why there are no others; undefined if there is nothing to explain. */
  why?: string;
}

const WHILE: Record<Status, Possibilities> = {
  new: {
    actions: ['expire', 'cancel'],
    why: 'Its code and device can be changed as soon as it is available.',
  },
  reserving: {
    actions: ['expire'],
    why: 'Its code and device can be changed, and it can be cancelled, as soon as it is available.',
  },
  available: { actions: ['reissue', 'bind', 'code', 'expire', 'cancel'] },
  downloaded: {
    actions: ['cancel'],
    why: 'A device has downloaded the profile, so its code, device and expiry can’t be changed any more.',
  },
  installed: {
    actions: [],
    why:
      'The profile is on a device, so the order can’t be changed or cancelled any more. Once the device has reported that ' +
      'the profile was deleted there, it can be released again.',
  },
  failed: { actions: ['reorder'] },
};

export function possibilitiesOf(
  profile: EsimProfile,
  events: readonly EsimProfileEvent[],
): Possibilities {
  const { status, replaced_by_sid: other } = profile;
  if (other !== undefined) {
    return { actions: [], why: 'Another order has taken its place: change that one.' };
  }
  if (status === 'installed' && onDevice(events) === 'deleted') return { actions: ['reorder'] };
  return WHILE[status];
}

export type OnDevice = 'installed' | 'enabled' | 'disabled' | 'deleted';

const REPORTS = new Map<string, OnDevice>([
  ['installed on the device', 'installed'],
  ['enabled on the device', 'enabled'],
  ['disabled on the device', 'disabled'],
  ['deleted on the device', 'deleted'],
]);

/** What the device last reported. @param events newest first */
export function onDevice(events: readonly EsimProfileEvent[]): OnDevice | undefined {
  for (const { cause } of events) {
    const report = REPORTS.get(cause);
    if (report !== undefined) return report;
  }
  return undefined;
}
