import { type RefObject, useEffect, useRef, useState } from "react";

const USUAL = 560;

/** Return a place for a drawing and its width, so that words in it keep their size. */
export function useWidth(): [RefObject<SVGSVGElement | null>, number] {
  const place = useRef<SVGSVGElement>(null);
  const [width, setWidth] = useState(USUAL);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const measure = () => setWidth(Math.round(element.clientWidth) || USUAL);
    const watcher = new ResizeObserver(measure);
    watcher.observe(element);
    measure();
    return () => watcher.disconnect();
  }, []);
  return [place, width];
}
