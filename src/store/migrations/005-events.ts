/** An index for the event stream: the events of an account by SID. */
export function events(): string[] {
  return [`create index esim_profile_events_by_sid on esim_profile_events (account_sid, sid)`];
}
