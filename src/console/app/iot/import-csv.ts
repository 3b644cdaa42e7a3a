// A list of EIDs as people paste it, as CSV for the API.

/** @returns CSV, and how many lines have something */
export function importCsv(text: string): { csv: string; count: number } {
  const rows = text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line): [string, string] => {
      const [, eid = '', name = ''] = /^([^,;\t]*)(?:[,;\t](.*))?$/.exec(line) ?? [];
      return [eid.replaceAll(/\s/g, ''), name.trim().replaceAll(/^"|"$/g, '')];
    })
    // A line of names, as spreadsheets have it.
    .filter(([eid], index) => index > 0 || !/^eids?$/i.test(eid));
  const lines = rows.map(([eid, name]) => `${quoted(eid)},${quoted(name)}`);
  return { csv: ['Eid,FriendlyName', ...lines, ''].join('\r\n'), count: rows.length };
}

const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
