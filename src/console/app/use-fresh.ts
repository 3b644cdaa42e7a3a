import { useEffect, useRef, useState } from 'preact/hooks';

const FRESH_MS = 2_000;

/** @returns whether a record changed just now, and a function to mark one */
export function useFresh(): [(sid: string) => boolean, (sid: string) => void] {
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());
  useEffect(() => () => timers.current.forEach(clearTimeout), []);
  return [
    (sid) => fresh.has(sid),
    (sid) => {
      setFresh((old) => new Set(old).add(sid));
      const timer = setTimeout(() => {
        timers.current.delete(timer);
        setFresh((old) => new Set([...old].filter((other) => other !== sid)));
      }, FRESH_MS);
      timers.current.add(timer);
    },
  ];
}
