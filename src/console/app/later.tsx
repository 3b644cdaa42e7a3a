import type { ComponentType } from 'preact';
import { Problem } from './components/problem.tsx';
import { ApiProblem } from './http.ts';
import { useLoad } from './use-load.ts';

/**
 * A page whose code is loaded when it is opened first, so that the first page is there sooner.
 * @param name of this page alone
 */
export function later(name: string, load: () => Promise<ComponentType>): ComponentType {
  return function Later() {
    const { value: Page, problem } = useLoad(`page ${name}`, load);
    if (Page !== undefined) return <Page />;
    if (problem === undefined) return null;
    const missing = new ApiProblem(0, { message: 'This page could not be loaded.' });
    // There may be another version of it by now, which the page around it does not know.
    return <Problem problem={missing} retry={() => location.reload()} />;
  };
}
