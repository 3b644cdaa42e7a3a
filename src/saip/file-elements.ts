// The profile elements that create the MF's files and the phone book from templates. All such elements have the same
// structure: a header, the template's OID, then one File per file name, whose position is its tag. Those of the
// applications are in usim-elements.ts and isim-elements.ts.
import { objectIdentifier } from './asn1-primitive.ts';
import { optional, sequence } from './asn1-type.ts';
import type { ValueOf } from './asn1-type.ts';
import { File } from './file.ts';
import { PEHeader } from './pe-header.ts';

const file = optional(File);

export const PEMF = sequence({
  'mf-header': PEHeader,
  templateID: objectIdentifier,
  mf: File,
  'ef-pl': file,
  'ef-iccid': File,
  'ef-dir': File,
  'ef-arr': File,
  'ef-umpc': file,
});
export type PEMF = ValueOf<typeof PEMF>;

export const PECD = sequence({
  'cd-header': PEHeader,
  templateID: objectIdentifier,
  'df-cd': File,
  'ef-launchpad': file,
  'ef-icon': file,
});
export type PECD = ValueOf<typeof PECD>;

/** Files of DF PHONEBOOK, wherever it is located. */
const phonebookFiles = {
  'ef-pbr': file,
  'ef-ext1': file,
  'ef-aas': file,
  'ef-gas': file,
  'ef-psc': file,
  'ef-cc': file,
  'ef-puid': file,
  'ef-iap': file,
  'ef-adn': file,
  'ef-pbc': file,
  'ef-anr': file,
  'ef-puri': file,
  'ef-email': file,
  'ef-sne': file,
  'ef-uid': file,
  'ef-grp': file,
  'ef-ccp1': file,
} as const;

export const PETELECOM = sequence({
  'telecom-header': PEHeader,
  templateID: objectIdentifier,
  'df-telecom': File,
  'ef-arr': file,
  'ef-rma': file,
  'ef-sume': file,
  'ef-ice-dn': file,
  'ef-ice-ff': file,
  'ef-psismsc': file,
  'df-graphics': file,
  'ef-img': file,
  'ef-iidf': file,
  'ef-ice-graphics': file,
  'ef-launch-scws': file,
  'ef-icon': file,
  'df-phonebook': file,
  ...phonebookFiles,
  'df-multimedia': file,
  'ef-mml': file,
  'ef-mmdf': file,
  'df-mmss': file,
  'ef-mlpl': file,
  'ef-mspl': file,
  'ef-mmssmode': file,
  'df-mcs': file,
  'ef-mst': file,
  'ef-mcs-config': file,
  'df-v2x': file,
  'ef-vst': file,
  'ef-v2x-config': file,
  'ef-v2xp-pc5': file,
  'ef-v2xp-Uu': file,
});
export type PETELECOM = ValueOf<typeof PETELECOM>;

export const PEPHONEBOOK = sequence({
  'phonebook-header': PEHeader,
  templateID: objectIdentifier,
  'df-phonebook': File,
  ...phonebookFiles,
});
export type PEPHONEBOOK = ValueOf<typeof PEPHONEBOOK>;
