// Fcp, File and PE-GenericFileManagement: descriptors and contents of files.
import { nullType, octetString, secret } from './asn1-primitive.ts';
import {
  choice,
  keepable,
  optional,
  sequence,
  sequenceOf,
  tagged,
  taggedSequence,
} from './asn1-type.ts';
import type { Asn1Type, ValueOf } from './asn1-type.ts';
import { ApplicationIdentifier, PEHeader, UInt16 } from './pe-header.ts';

const ProprietaryInfo = taggedSequence({
  specialFileInformation: optional(tagged(0xc0, octetString(1, 1))), // default 00
  fillPattern: optional(tagged(0xc1, octetString(1, 200))),
  repeatPattern: optional(tagged(0xc2, octetString(1, 200))),
  maximumFileSize: optional(tagged(0x86, octetString())),
  fileDetails: optional(tagged(0x84, octetString(1, 1))), // default 01
});

export const Fcp = taggedSequence({
  fileDescriptor: optional(tagged(0x82, octetString(2, 4))),
  fileID: optional(tagged(0x83, octetString(2, 2))),
  dfName: optional(tagged(0x84, ApplicationIdentifier)),
  lcsi: optional(tagged(0x8a, octetString(1, 1))), // default 05
  securityAttributesReferenced: optional(tagged(0x8b, octetString(1, 3))),
  efFileSize: optional(tagged(0x80, octetString())),
  pinStatusTemplateDO: optional(tagged(0xc6, octetString())),
  shortEFID: optional(tagged(0x88, octetString(0, 1))),
  proprietaryEFInfo: optional(tagged(0xa5, ProprietaryInfo)),
  linkPath: optional(tagged(0xc7, octetString(0, 8))),
});
export type Fcp = ValueOf<typeof Fcp>;

function fileOf(content: Asn1Type<Uint8Array>): Asn1Type<File> {
  return keepable(
    sequenceOf(
      choice({
        doNotCreate: nullType,
        fileDescriptor: Fcp,
        fillFileOffset: UInt16,
        fillFileContent: content,
      }),
    ),
  );
}

export type File = (
  | { choice: 'doNotCreate'; value: true }
  | { choice: 'fileDescriptor'; value: Fcp }
  | { choice: 'fillFileOffset'; value: number }
  | { choice: 'fillFileContent'; value: Uint8Array }
)[];
export const File: Asn1Type<File> = fileOf(octetString());
/** A file with keys, such as session keys: its content is hidden in descriptions. */
export const KeyFile: Asn1Type<File> = fileOf(secret(octetString()));

const FileManagement = sequenceOf(
  choice(
    {
      filePath: tagged(0x80, octetString(0, 8)),
      createFCP: tagged(0x62, Fcp),
      fillFileOffset: UInt16,
      fillFileContent: tagged(0x81, secret(octetString())), // content of a file without a name here
    },
    'written',
  ),
  1,
);

export const PEGenericFileManagement = sequence({
  'gfm-header': PEHeader,
  fileManagementCMD: sequenceOf(FileManagement, 1),
});
export type PEGenericFileManagement = ValueOf<typeof PEGenericFileManagement>;
