/** The events of an account in the order of their SIDs, for those who listen. */
export function events(): string[] {
  return [`create index esim_profile_events_by_sid on esim_profile_events (account_sid, sid)`];
}
