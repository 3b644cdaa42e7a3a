// The shape of a subscription: all that decides where the values are in a package made from a template.
import type { Personalisation } from './personalisation.ts';

/** The byte strings of a personalisation; those of equal shapes correspond by position. */
export function valuesOf(given: Personalisation): Uint8Array[] {
  const { algoKeys, pinCodes, pukCodes, sdKeys, otaKeys, ims } = given;
  const values = [given.iccid, given.efIccid, given.efImsi, given.efAcc, given.mncLength];
  values.push(algoKeys.key, algoKeys.opc);
  if (algoKeys.algorithmOptions) values.push(algoKeys.algorithmOptions);
  for (const { value } of pinCodes) values.push(value);
  for (const { value } of pukCodes) values.push(value);
  for (const { key } of sdKeys) values.push(key);
  for (const { key } of otaKeys) values.push(key);
  for (const value of [given.msisdn, given.serviceCentre, given.efSpn]) {
    if (value) values.push(value);
  }
  if (ims) values.push(ims.impi, ...ims.impu, ims.domain);
  return values;
}

/** Equal for two personalisations if their values have the same names and sizes. */
export function shapeOf(given: Personalisation): string {
  const { algoKeys, pinCodes, pukCodes, sdKeys, otaKeys, ims } = given;
  const { algorithm, key, opc, algorithmOptions, numberOfKeccak = '' } = algoKeys;
  let shape = `${algorithm} ${key.length} ${opc.length} ${numberOfKeccak}`;
  if (algorithmOptions) shape += ' options';
  for (const { name } of pinCodes) shape += ` ${name}`;
  for (const { name } of pukCodes) shape += ` ${name}`;
  for (const one of sdKeys) shape += ` sd${one.version}/${one.id}:${one.key.length}`;
  for (const one of otaKeys) {
    shape += ` ota${one.version}/${one.id}:${one.key.length}${one.algorithm ?? ''}`;
  }
  if (given.msisdn) shape += ' msisdn';
  if (given.serviceCentre) shape += ' serviceCentre';
  if (given.efSpn) shape += ' spn';
  if (ims)
    shape += ` ims ${[ims.impi, ...ims.impu, ims.domain].map(({ length }) => length).join()}`;
  return shape;
}
