// The commands for eIMs in an eUICC package (SGP.32 §2.11.1.1.2).
import type { Eco } from '../../rsp/definitions/euicc-package.ts';
import { addEimResultCodes, deleteEimResults, updateEimResults } from '../../rsp/eim-codes.ts';
import { addEim, deleteEim, eimIdInfo, updateEim } from './associated-eims.ts';
import type { IotEuicc } from './iot-euicc.ts';
import type { Executed } from './psmo.ts';

export function executeEco(euicc: IotEuicc, eco: Eco): Executed {
  if (eco.addEim !== undefined) {
    const added = addEim(euicc, eco.addEim);
    if (added.error !== undefined) {
      const addEimResult = { addEimResultCode: addEimResultCodes[added.error] };
      return { result: { addEimResult }, isOk: false };
    }
    const { associationToken } = added.eim;
    const addEimResult =
      associationToken === undefined
        ? { addEimResultCode: addEimResultCodes.ok }
        : { associationToken };
    return { result: { addEimResult }, isOk: true };
  }
  if (eco.deleteEim !== undefined) {
    const code = deleteEim(euicc, eco.deleteEim.eimId);
    return {
      result: { deleteEimResult: deleteEimResults[code] },
      isOk: code !== 'eimNotFound',
    };
  }
  if (eco.updateEim !== undefined) {
    const code = updateEim(euicc, eco.updateEim);
    return { result: { updateEimResult: updateEimResults[code] }, isOk: code === 'ok' };
  }
  if (eco.listEim !== undefined) {
    const eimIdList = euicc.state.iot.eims.map(eimIdInfo);
    return { result: { listEimResult: { eimIdList } }, isOk: true };
  }
  return { isOk: false };
}
