// The bound profile package and the commands in it (§2.5.4, §5.5.1, §5.5.2, §5.5.4).
import {
  integer,
  objectIdentifier,
  octetString,
  secretOctetString,
  wholeTlv,
} from '../asn1-primitives.ts';
import { optional, sequence, sequenceOf } from '../asn1-structures.ts';
import type { ValueOf } from '../asn1-type.ts';
import { keepingDer } from '../encoded.ts';
import { oneTimePublicKey, signature, transactionId } from './basic-types.ts';

/** RemoteOpId ::= [2] INTEGER */
export const remoteOpIds = { installBoundProfilePackage: 1 } as const;

/** ControlRefTemplate ::= SEQUENCE: the keys to be agreed on (§5.5.1). */
const ControlRefTemplate = sequence(0xa6, {
  keyType: octetString(0x80, 1),
  keyLen: octetString(0x81, 1),
  hostId: octetString(0x84, 1, 16),
});

/** InitialiseSecureChannelRequest ::= [35] SEQUENCE (§5.5.1) */
export const InitialiseSecureChannelRequest = sequence(0xbf23, {
  remoteOpId: integer(0x82, remoteOpIds),
  transactionId: transactionId(0x80),
  controlRefTemplate: ControlRefTemplate,
  smdpOtpk: oneTimePublicKey,
  smdpSign: signature,
});
export type InitialiseSecureChannelRequest = ValueOf<typeof InitialiseSecureChannelRequest>;

/** ConfigureISDPRequest ::= [36] SEQUENCE (§5.5.2); dpProprietaryData has at most 128 bytes. */
export const ConfigureISDPRequest = sequence(0xbf24, {
  dpProprietaryData: optional(sequence(0xb8, { dpOid: objectIdentifier(0x80) })),
});
export type ConfigureISDPRequest = ValueOf<typeof ConfigureISDPRequest>;

/** ReplaceSessionKeysRequest ::= [38] SEQUENCE (§5.5.4) */
export const ReplaceSessionKeysRequest = sequence(0xbf26, {
  initialMacChainingValue: secretOctetString(0x80, 16),
  ppkEnc: secretOctetString(0x81, 16),
  ppkCmac: secretOctetString(0x82, 16),
});
export type ReplaceSessionKeysRequest = ValueOf<typeof ReplaceSessionKeysRequest>;

/** BoundProfilePackage ::= [54] SEQUENCE (§2.5.4); a segment is the whole of its '86', '87' or '88' TLV. */
export const BoundProfilePackage = sequence(0xbf36, {
  initialiseSecureChannelRequest: keepingDer(InitialiseSecureChannelRequest),
  firstSequenceOf87: sequenceOf(0xa0, wholeTlv(0x87)),
  sequenceOf88: sequenceOf(0xa1, wholeTlv(0x88)),
  secondSequenceOf87: optional(sequenceOf(0xa2, wholeTlv(0x87))),
  sequenceOf86: sequenceOf(0xa3, wholeTlv(0x86)),
});
export type BoundProfilePackage = ValueOf<typeof BoundProfilePackage>;
