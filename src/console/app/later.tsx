import type { ComponentType } from 'preact';
import { Problem } from './components/problem.tsx';
import { ApiProblem } from './http.ts';
import { useLoad } from './use-load.ts';

/**
 * A page, or a part of one, whose code is loaded when first shown, so the first page loads faster.
 * @param name unique
 */
export function later<Props extends object>(
  name: string,
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  return function Later(props: Props) {
    const { value: Page, problem } = useLoad(`page ${name}`, load);
    if (Page !== undefined) return <Page {...props} />;
    if (problem === undefined) return null;
    const missing = new ApiProblem(0, { message: 'This part of the page could not be loaded.' });
    // The server may have been updated; a reload fetches the new version.
    return <Problem problem={missing} retry={() => location.reload()} />;
  };
}
