// PE-Application: the code of an applet, and its instances with their installation and personalisation data.
import { octetString, secret } from './asn1-primitive.ts';
import { optional, sequence, sequenceOf, tagged, taggedSequence } from './asn1-type.ts';
import { ApplicationIdentifier, PEHeader } from './pe-header.ts';
import { ApplicationInstance } from './security-domain.ts';

const aid = tagged(0x4f, ApplicationIdentifier);

const ApplicationLoadPackage = taggedSequence({
  loadPackageAID: aid,
  securityDomainAID: optional(aid),
  nonVolatileCodeLimitC6: optional(tagged(0xc6, octetString())),
  volatileDataLimitC7: optional(tagged(0xc7, octetString())),
  nonVolatileDataLimitC8: optional(tagged(0xc8, octetString())),
  hashValue: optional(tagged(0xc1, octetString())),
  loadBlockObject: tagged(0xc4, secret(octetString())), // code, which may contain anything
});

export const PEApplication = sequence({
  'app-Header': PEHeader,
  loadBlock: optional(ApplicationLoadPackage),
  instanceList: optional(sequenceOf(ApplicationInstance, 1)),
});
