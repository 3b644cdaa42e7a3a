import type { Flavor } from '../flavor.ts';

/** Subscriptions and orders that are held back after a restore, since they may have been given out after the backup. */
export function restoredPast({ text }: Flavor): string[] {
  return [
    `alter table subscriptions add column held_since ${text}`,
    `create index subscriptions_held on subscriptions (account_sid, iccid) where held_since is not null`,
  ];
}
