// PE-ISIM and PE-OPT-ISIM; for their structure see file-elements.ts.
import { objectIdentifier } from './asn1-primitive.ts';
import { optional, sequence } from './asn1-type.ts';
import type { ValueOf } from './asn1-type.ts';
import { File, KeyFile } from './file.ts';
import { PEHeader } from './pe-header.ts';

const file = optional(File);
const keyFile = optional(KeyFile);

export const PEISIM = sequence({
  'isim-header': PEHeader,
  templateID: objectIdentifier,
  'adf-isim': File,
  'ef-impi': File,
  'ef-impu': File,
  'ef-domain': File,
  'ef-ist': File,
  'ef-ad': file,
  'ef-arr': File,
});
export type PEISIM = ValueOf<typeof PEISIM>;

export const PEOPTISIM = sequence({
  'optisim-header': PEHeader,
  templateID: objectIdentifier,
  'ef-pcscf': file,
  'ef-sms': file,
  'ef-smsp': file,
  'ef-smss': file,
  'ef-smsr': file,
  'ef-gbabp': keyFile,
  'ef-gbanl': file,
  'ef-nafkca': file,
  'ef-uicciari': file,
  'ef-frompreferred': file,
  'ef-imsconfigdata': file,
  'ef-xcapconfigdata': file,
  'ef-webrtcuri': file,
  'ef-mudmidconfigdata': file,
});
export type PEOPTISIM = ValueOf<typeof PEOPTISIM>;
