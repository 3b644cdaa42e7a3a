// All that must hold of a database. A new one is a file with its value, and a line here.
import { accounts } from './accounts.ts';
import { announcements } from './announcements.ts';
import { answers } from './answers.ts';
import { audit } from './audit.ts';
import { batches } from './batches.ts';
import { callbacks } from './callbacks.ts';
import { counters } from './counters.ts';
import { deliveries } from './deliveries.ts';
import { eim } from './eim.ts';
import { fleets } from './fleets.ts';
import { histories } from './histories.ts';
import { iccids } from './iccids.ts';
import { indexes } from './indexes.ts';
import type { Invariant } from './invariant.ts';
import { lifetimes } from './lifetimes.ts';
import { links } from './links.ts';
import { notifications } from './notifications.ts';
import { operators } from './operators.ts';
import { ownerFields } from './owner-fields.ts';
import { packages } from './packages.ts';
import { progress } from './progress.ts';
import { rentedTasks } from './rented-tasks.ts';
import { replacements } from './replacements.ts';
import { resources } from './resources.ts';
import { seals } from './seals.ts';
import { sims } from './sims.ts';
import { statistics } from './statistics.ts';
import { states } from './states.ts';
import { statuses } from './statuses.ts';

export const INVARIANTS: readonly Invariant[] = [
  // First: what the others read by may be wrong.
  indexes,
  accounts,
  iccids,
  packages,
  statuses,
  states,
  operators,
  counters,
  histories,
  statistics,
  replacements,
  batches,
  rentedTasks,
  notifications,
  callbacks,
  progress,
  deliveries,
  announcements,
  answers,
  eim,
  fleets,
  sims,
  links,
  resources,
  ownerFields,
  seals,
  lifetimes,
  audit,
];
