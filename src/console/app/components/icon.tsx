// Line icons on a 16-unit grid.

const PATHS = {
  account: 'M8 2.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5M3 13.500a5 5 0 0 1 10 0',
  again: 'M12.500 6.500A5 5 0 1 0 13 9M13 3v3.500H9.500',
  arrow: 'M3 8h10M9 4l4 4-4 4',
  back: 'M10 3 5 8l5 5',
  batch: 'M5.500 2.500h8v8h-8zM2.500 5.500v8h8',
  bell: 'M4 11V7a4 4 0 0 1 8 0v4l1 1H3zM7 14h2',
  book: 'M3 3h4a1 1 0 0 1 1 1v9a1.500 1.500 0 0 0-1.500-1H3zM13 3H9a1 1 0 0 0-1 1v9a1.500 1.500 0 0 1 1.500-1H13z',
  chart: 'M2.500 13.500h11M4.500 11V8M8 11V3M11.500 11V6',
  check: 'm3 8.500 3.500 3.500L13 4.500',
  chevron: 'm4 6 4 4 4-4',
  chip: 'M5 5h6v6H5zM6.500 2.500V5M9.500 2.500V5M6.500 11v2.500M9.500 11v2.500M2.500 6.500H5M2.500 9.500H5M11 6.500h2.500M11 9.500h2.500',
  clock: 'M8 2.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11M8 5v3l2 1.500',
  close: 'm4 4 8 8M12 4l-8 8',
  columns: 'M2.500 3h11v10h-11zM6.200 3v10M9.800 3v10',
  copy: 'M6 6h7v7H6zM3.500 10H3V3h7v.500',
  edit: 'M3 13h2.500l7-7L10 3.500l-7 7zM8.500 5l2.500 2.500',
  download: 'M8 2.500v7.500M4.500 7 8 10.500 11.500 7M3 13.500h10',
  filter: 'M2.500 3.500h11L9.500 8.500v4l-3 1v-5z',
  forward: 'm6 3 5 5-5 5',
  key: 'M9.500 6.500a2.500 2.500 0 1 0-2.400-1.800L3 9v3h3v-1.500h1.500V9L8 8.500',
  menu: 'M2 4h12M2 8h12M2 12h12',
  moon: 'M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500Z',
  plug: 'M6 2v3M10 2v3M4 5h8v2.500a4 4 0 0 1-8 0zM8 11.500V14',
  plus: 'M8 3v10M3 8h10',
  print: 'M4.500 6V2.500h7V6M4.500 11H3V6h10v5h-1.500M4.500 9h7v4.500h-7z',
  profile: 'M4 2h5l3 3v9H4zM6 8h4v4H6z',
  save: 'M4.500 2.500h7v11L8 11l-3.500 2.500z',
  search: 'M7 2.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9M10.500 10.500 14 14',
  signOut: 'M6.500 3H3v10h3.500M7 8h6.500M11 5.500 13.500 8 11 10.500',
  sim: 'M3 4h10v8H3zM5.500 6.500h5v3h-5z',
  stock: 'm8 2 6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3',
  switch: 'm5 6 3-3.500L11 6M5 10l3 3.500L11 10',
  sun: 'M8 5.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5M8 1.500V3M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1 1M11.600 11.600l1 1M3.400 12.600l1-1M11.600 4.400l1-1',
  system: 'M2.500 3h11v7.500h-11zM6 13.500h4',
  warning: 'M8 2.500 14 13H2zM8 6.500v3M8 11v.500',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
