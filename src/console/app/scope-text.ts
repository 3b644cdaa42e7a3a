import type { Scope } from './types.ts';

export const scopeText = (scope: Scope): string => (scope === 'read' ? 'read only' : scope);
