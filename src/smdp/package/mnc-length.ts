// The length of the MNC in an IMSI.

/**
 * Mobile country codes under which networks have MNCs of three digits (ITU-T E.212): North America and the Caribbean,
 * Argentina, Colombia, Honduras, the Falkland Islands. A few codes, such as 405, have both; then the subscription
 * must specify it, in the CSV column `mnc_length`.
 */
const THREE_DIGITS = new Set([
  '302',
  '310',
  '311',
  '312',
  '313',
  '314',
  '315',
  '316',
  '330',
  '332',
  '334',
  '338',
  '342',
  '344',
  '346',
  '348',
  '350',
  '352',
  '354',
  '356',
  '358',
  '360',
  '365',
  '366',
  '376',
  '708',
  '722',
  '732',
  '750',
]);

/** By the MCC at the start of the IMSI. */
export function mncLengthOf(imsi: string): 2 | 3 {
  return THREE_DIGITS.has(imsi.slice(0, 3)) ? 3 : 2;
}
