// Named filters of the list of eSIM Profiles, kept in this browser for each account.
import { recall, remember } from '../remembered.ts';
import { accountSid } from '../session.ts';

export interface SavedFilter {
  name: string;
  /** As in the address bar, without `?`. */
  query: string;
}

const nameOfStore = () => `filters.${accountSid()}`;

export function savedFilters(): SavedFilter[] {
  try {
    const kept = JSON.parse(recall(nameOfStore()) ?? '[]') as SavedFilter[];
    return kept.filter(({ name, query }) => typeof name === 'string' && typeof query === 'string');
  } catch {
    return [];
  }
}

/** In place of one with the same name. */
export function saveFilter(name: string, query: string): void {
  const others = savedFilters().filter((saved) => saved.name !== name);
  keep([...others, { name, query }]);
}

export function deleteFilter(name: string): void {
  keep(savedFilters().filter((saved) => saved.name !== name));
}

function keep(filters: SavedFilter[]): void {
  const sorted = filters.toSorted((one, other) => one.name.localeCompare(other.name));
  remember(nameOfStore(), sorted.length === 0 ? undefined : JSON.stringify(sorted));
}
