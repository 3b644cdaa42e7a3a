// Defaults for template files from annex A of the profile package specification: structure, size (0 if each profile
// must give it), number of records, and initial content.

export type FileStructure = 'transparent' | 'linear' | 'cyclic' | 'ber-tlv';

export interface TemplateFile {
  structure: FileStructure;
  size: number; // of the file, or of a record
  records: number; // 1 for a transparent file
  fill: Uint8Array; // for the file, or for each record; the last byte is repeated to the end
}

type Row = readonly [structure: FileStructure, size: number, records?: number, fill?: string];
type Rows = Readonly<Record<string, Row>>;

const MF: Rows = {
  'ef-pl': ['transparent', 2],
  'ef-iccid': ['transparent', 10],
  'ef-umpc': ['transparent', 5],
};

const USIM: Rows = {
  'ef-imsi': ['transparent', 9],
  'ef-keys': ['transparent', 33, 1, '07ff'],
  'ef-keysPS': ['transparent', 33, 1, '07ff'],
  'ef-hpplmn': ['transparent', 1, 1, '0a'],
  'ef-ust': ['transparent', 14],
  'ef-fdn': ['linear', 26, 20],
  'ef-sms': ['linear', 176, 10, '00ff'],
  'ef-smsp': ['linear', 38],
  'ef-smss': ['transparent', 2],
  'ef-spn': ['transparent', 17],
  'ef-est': ['transparent', 1],
  'ef-start-hfn': ['transparent', 6, 1, 'f00000f00000'],
  'ef-threshold': ['transparent', 3],
  'ef-psloci': ['transparent', 14, 1, 'ffffffffffffffffffff0000ff01'],
  'ef-acc': ['transparent', 2],
  'ef-fplmn': ['transparent', 12],
  'ef-loci': ['transparent', 11, 1, 'ffffffffffffff0000ff01'],
  'ef-ad': ['transparent', 4, 1, '00000002'],
  'ef-ecc': ['linear', 4],
  'ef-netpar': ['transparent', 128],
  'ef-epsloci': ['transparent', 18, 1, 'ffffffffffffffffffffffffffffff000001'],
  'ef-epsnsc': ['linear', 80],
};

const OPT_USIM: Rows = {
  'ef-li': ['transparent', 6],
  'ef-acmax': ['transparent', 3, 1, '000000'],
  'ef-acm': ['cyclic', 3, 1, '000000'],
  'ef-gid1': ['transparent', 8],
  'ef-gid2': ['transparent', 8],
  'ef-msisdn': ['linear', 24],
  'ef-puct': ['transparent', 5, 1, 'ffffff0000'],
  'ef-cbmi': ['transparent', 10],
  'ef-cbmid': ['transparent', 10],
  'ef-sdn': ['linear', 24, 10],
  'ef-ext2': ['linear', 13, 10, '00ff'],
  'ef-ext3': ['linear', 13, 10, '00ff'],
  'ef-cbmir': ['transparent', 20],
  'ef-plmnwact': ['transparent', 40, 1, 'ffffff0000'.repeat(8)],
  'ef-oplmnwact': ['transparent', 40, 1, 'ffffff0000'.repeat(8)],
  'ef-hplmnwact': ['transparent', 5, 1, 'ffffff0000'],
  'ef-dck': ['transparent', 16],
  'ef-cnl': ['transparent', 30],
  'ef-smsr': ['linear', 30, 10, '00ff'],
  'ef-bdn': ['linear', 25, 10],
  'ef-ext5': ['linear', 13, 10, '00ff'],
  'ef-ccp2': ['linear', 15, 5],
  'ef-ext4': ['linear', 13, 10, '00ff'],
  'ef-acl': ['transparent', 101, 1, '00ff'],
  'ef-cmi': ['linear', 11, 10],
  'ef-ici': ['cyclic', 38, 20, 'ff'.repeat(31) + '0000000001ffff'],
  'ef-oci': ['cyclic', 37, 20, 'ff'.repeat(31) + '00000001ffff'],
  'ef-ict': ['cyclic', 3, 1, '000000'],
  'ef-oct': ['cyclic', 3, 1, '000000'],
  'ef-vgcs': ['transparent', 20],
  'ef-vgcss': ['transparent', 7],
  'ef-vbs': ['transparent', 20],
  'ef-vbss': ['transparent', 7],
  'ef-emlpp': ['transparent', 2],
  'ef-aaem': ['transparent', 1, 1, '00'],
  'ef-hiddenkey': ['transparent', 4],
  'ef-pnn': ['linear', 16, 10],
  'ef-opl': ['linear', 8, 5],
  'ef-mbdn': ['linear', 24, 3],
  'ef-ext6': ['linear', 13, 10, '00ff'],
  'ef-mbi': ['linear', 5, 10],
  'ef-mwis': ['linear', 6, 10, '00'],
  'ef-cfis': ['linear', 16, 10, '0100ff'],
  'ef-ext7': ['linear', 13, 10, '00ff'],
  'ef-spdi': ['transparent', 17],
  'ef-mmsn': ['linear', 6, 10, '000000ff'],
  'ef-ext8': ['linear', 13, 10, '00ff'],
  'ef-mmsicp': ['transparent', 100],
  'ef-mmsucp': ['transparent', 100],
  'ef-nia': ['linear', 11, 5],
  'ef-ehplmn': ['transparent', 15],
  'ef-ehplmnpi': ['transparent', 1, 1, '00'],
  'ef-lrplmnsi': ['transparent', 1, 1, '00'],
  'ef-ufc': ['transparent', 30, 1, '801e60c01e900080040000000000000000f0000000004000000000000080'],
  'ef-nasconfig': ['transparent', 18],
  'ef-ips': ['cyclic', 4],
  'ef-frompreferred': ['transparent', 1, 1, '00'],
  'ef-3gpppsdataoff': ['transparent', 4],
};

const ISIM: Rows = {
  'ef-impi': ['transparent', 0],
  'ef-impu': ['linear', 0],
  'ef-domain': ['transparent', 0],
  'ef-ist': ['transparent', 14],
  'ef-ad': ['transparent', 3, 1, '000000'],
};

const OPT_ISIM: Rows = {
  'ef-sms': ['linear', 176, 10, '00ff'],
  'ef-smsp': ['linear', 38],
  'ef-smss': ['transparent', 2],
  'ef-smsr': ['linear', 30, 10, '00ff'],
  'ef-frompreferred': ['transparent', 1, 1, '00'],
};

const GSM_ACCESS: Rows = {
  'ef-kc': ['transparent', 9, 1, 'ff'.repeat(8) + '07'],
  'ef-kcgprs': ['transparent', 9, 1, 'ff'.repeat(8) + '07'],
  'ef-cpbcch': ['transparent', 10],
  'ef-invscan': ['transparent', 1, 1, '00'],
};

const DF_5GS: Rows = {
  'ef-5gs3gpploci': ['transparent', 20, 1, 'ffffffffffffffffffffffffffffffff00000001'],
  'ef-5gsn3gpploci': ['transparent', 20, 1, 'ffffffffffffffffffffffffffffffff00000001'],
  'ef-5gs3gppnsc': ['linear', 57],
  'ef-5gsn3gppnsc': ['linear', 57],
  'ef-5gauthkeys': ['transparent', 110],
  'ef-uac-aic': ['transparent', 4],
  'ef-opl5g': ['linear', 10],
  'ef-routing-indicator': ['transparent', 4, 1, 'f0ffffff'],
};

export const TEMPLATE_IDS = {
  mf: '2.23.143.1.2.1',
  telecom: '2.23.143.1.2.3',
  usim: '2.23.143.1.2.4',
  'opt-usim': '2.23.143.1.2.5',
  isim: '2.23.143.1.2.8',
  'opt-isim': '2.23.143.1.2.9',
} as const;

const FILES: Readonly<Record<string, Readonly<Record<string, TemplateFile>>>> = {
  mf: filesOf(MF),
  usim: filesOf(USIM),
  'opt-usim': filesOf(OPT_USIM),
  isim: filesOf(ISIM),
  'opt-isim': filesOf(OPT_ISIM),
  'gsm-access': filesOf(GSM_ACCESS),
  'df-5gs': filesOf(DF_5GS),
};

function filesOf(rows: Rows): Record<string, TemplateFile> {
  const files = Object.entries(rows).map(([name, [structure, size, records = 1, fill = 'ff']]) => {
    return [name, { structure, size, records, fill: Uint8Array.fromHex(fill) }] as const;
  });
  return Object.fromEntries(files);
}

/** Annex A: these templates create all their files, except those with doNotCreate. */
export const CREATED_BY_DEFAULT: readonly string[] = ['mf', 'usim', 'isim'];

const UST_SIZE_V2 = 17; // template 2.23.143.1.2.4.2

export function templateFile(
  element: string,
  templateID: string,
  file: string,
): TemplateFile | undefined {
  const found = FILES[element]?.[file];
  const isLongUst = file === 'ef-ust' && templateID === `${TEMPLATE_IDS.usim}.2`;
  return found && isLongUst ? { ...found, size: UST_SIZE_V2 } : found;
}
