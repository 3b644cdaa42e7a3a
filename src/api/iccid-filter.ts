// The filter `Iccid` of a list.
import { parseIccid } from '../rsp/iccid.ts';

/** The ICCID as it is stored. What is none is looked for as it stands, and found nowhere. */
export const iccidFilter = (text: string): string => parseIccid(text) ?? text;
