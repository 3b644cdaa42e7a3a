import { BASE } from '../location.ts';

const TABS = [
  { here: 'list', path: '/euiccs', title: 'eUICCs' },
  { here: 'groups', path: '/euiccs/groups', title: 'Groups' },
  { here: 'bulk', path: '/euiccs/bulk', title: 'Bulk operations' },
] as const;

/** Leads between the lists about IoT devices. */
export function FleetTabs({ here }: { here: (typeof TABS)[number]['here'] }) {
  return (
    <nav class="chips fleet-tabs" aria-label="IoT devices">
      {TABS.map((tab) => (
        <a
          key={tab.here}
          class="chip chip-plain"
          href={BASE + tab.path}
          aria-current={tab.here === here ? 'page' : undefined}
        >
          {tab.title}
        </a>
      ))}
    </nav>
  );
}
