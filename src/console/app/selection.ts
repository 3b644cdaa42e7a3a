// Which eSIM Profiles the user has selected: kept while the list is paged, filtered and updated live.
import { announce } from './announce.tsx';
import { focusContent } from './focus.ts';
import { createStore } from './store.ts';
import type { EsimProfile } from './types.ts';

/** Single profiles, as last seen; or all that match a filter, but for some. */
export type Selection =
  | { kind: 'some'; profiles: ReadonlyMap<string, EsimProfile> }
  | {
      kind: 'all';
      /** Parameters of the list. */
      filter: ProfileFilter;
      but: ReadonlySet<string>;
    };

/** The filter of a list, as parameters of the API. */
export type ProfileFilter = Record<string, string | readonly string[] | undefined>;

const NONE: Selection = { kind: 'some', profiles: new Map() };

export const selection = createStore<Selection>(NONE);

/** The row from which a range is selected: the last that was selected by itself. */
let anchor: string | undefined;

export function clearSelection(): void {
  anchor = undefined;
  selection.set(NONE);
}

/** By the user, whose focus may have been in what disappears. */
export function dropSelection(): void {
  if (isEmpty(selection.get())) return;
  clearSelection();
  announce('Nothing is selected');
  focusContent();
}

export function isEmpty(chosen: Selection): boolean {
  return chosen.kind === 'some' && chosen.profiles.size === 0;
}

export function isSelected(chosen: Selection, sid: string): boolean {
  return chosen.kind === 'all' ? !chosen.but.has(sid) : chosen.profiles.has(sid);
}

/** Selects or deselects these. */
export function select(profiles: readonly EsimProfile[], isChosen: boolean): void {
  const now = selection.get();
  if (now.kind === 'all') {
    const but = new Set(now.but);
    for (const { sid } of profiles) {
      if (isChosen) but.delete(sid);
      else but.add(sid);
    }
    selection.set({ ...now, but });
    return;
  }
  const next = new Map(now.profiles);
  for (const profile of profiles) {
    if (isChosen) next.set(profile.sid, profile);
    else next.delete(profile.sid);
  }
  selection.set({ kind: 'some', profiles: next });
}

/** @param range whether all from the row that was toggled before become as this one */
export function toggle(sid: string, rows: readonly EsimProfile[], range: boolean): void {
  const isChosen = !isSelected(selection.get(), sid);
  const at = rows.findIndex((row) => row.sid === sid);
  const from = range ? rows.findIndex((row) => row.sid === anchor) : -1;
  const [first, last] = from === -1 ? [at, at] : [Math.min(from, at), Math.max(from, at)];
  anchor = sid;
  select(rows.slice(first, last + 1), isChosen);
}

export function selectOnly(profiles: readonly EsimProfile[]): void {
  selection.set({ kind: 'some', profiles: new Map(profiles.map((row) => [row.sid, row])) });
}

export function selectAllMatching(filter: ProfileFilter): void {
  selection.set({ kind: 'all', filter, but: new Set() });
}

/** A selected profile has changed. */
export function updateSelected(profile: EsimProfile): void {
  const now = selection.get();
  if (now.kind === 'some' && now.profiles.has(profile.sid)) select([profile], true);
}
