/** Maximum length of a profile type, the operator's name for one kind of subscription (ES2+ profileType, §5.3.1). */
export const PROFILE_TYPE_LIMIT = 100;
