// Common to the operations on install links.
import { Type } from 'typebox';

export const LINKS_PATH = '/v1/ESimProfiles/:Sid/InstallLinks';
export const LINK_PATH = `${LINKS_PATH}/:LinkSid`;

export const LinkParams = Type.Object({
  Sid: Type.String({ description: 'SID of the eSIM Profile.' }),
  LinkSid: Type.String({ description: 'SID of the install link.' }),
});

export const linksPathOf = (sid: string) => LINKS_PATH.replace(':Sid', sid);
