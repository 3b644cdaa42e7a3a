// The filter `Iccid` of a list.
import { parseIccid } from '../rsp/iccid.ts';

/** The ICCID as stored. Text that is not an ICCID is passed on as is, and matches nothing. */
export const iccidFilter = (text: string): string => parseIccid(text) ?? text;
