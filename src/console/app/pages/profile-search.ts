// What a person types or pastes into the search box, known by its form.
import { parseIccid } from '../../../rsp/iccid.ts';

export interface Search {
  kind: 'SID' | 'Sim SID' | 'EID' | 'ICCID' | 'matching ID';
  value: string;
}

/** @returns undefined when the text is none of them */
export function recogniseSearch(text: string): Search | undefined {
  const value = text.trim();
  if (/^HP[0-9a-f]{32}$/i.test(value)) {
    return { kind: 'SID', value: `HP${value.slice(2).toLowerCase()}` };
  }
  if (/^HS[0-9a-f]{32}$/i.test(value)) {
    return { kind: 'Sim SID', value: `HS${value.slice(2).toLowerCase()}` };
  }
  const digits = value.replaceAll(/\s/g, '');
  if (/^[0-9a-f]{32}$/i.test(digits)) return { kind: 'EID', value: digits };
  const iccid = parseIccid(value);
  if (iccid !== undefined) return { kind: 'ICCID', value: iccid };
  // An activation code, with or without LPA:, holds the matching ID.
  const matchingId = /^(?:LPA:)?1\$[^$]*\$([^$]+)/i.exec(value)?.[1] ?? value;
  if (/^[0-9A-Z-]{4,255}$/i.test(matchingId)) {
    return { kind: 'matching ID', value: matchingId.toUpperCase() };
  }
  return undefined;
}
