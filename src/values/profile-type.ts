/** Characters of a profile type, the operator's name for subscriptions of one kind (ES2+ profileType, §5.3.1). */
export const PROFILE_TYPE_LIMIT = 100;
