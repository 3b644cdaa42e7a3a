import type { ComponentType } from 'preact';
import { Problem } from './components/problem.tsx';
import { ApiProblem } from './http.ts';
import { useLoad } from './use-load.ts';

/**
 * A page whose code is loaded when first opened, so the first page loads faster.
 * @param name unique name of the page
 */
export function later(name: string, load: () => Promise<ComponentType>): ComponentType {
  return function Later() {
    const { value: Page, problem } = useLoad(`page ${name}`, load);
    if (Page !== undefined) return <Page />;
    if (problem === undefined) return null;
    const missing = new ApiProblem(0, { message: 'This page could not be loaded.' });
    // The server may have been updated; a reload fetches the new version.
    return <Problem problem={missing} retry={() => location.reload()} />;
  };
}
