import { expect, test } from "vitest";
import kit from "../src/styles/kit.css?raw";

const PROGRAMS = import.meta.glob<string>("../src/**/*.{ts,tsx}", {
  query: "?raw",
  import: "default",
  eager: true,
});
const STYLES = Object.keys(import.meta.glob("../node_modules/@mantine/core/styles/*.css"));

function partsOf(program: string): string[] {
  const imports = program.matchAll(/import \{([^}]*)\} from "@mantine\/core"/g);
  return [...imports].flatMap((found) => (found[1] ?? "").split(",").map((name) => name.trim()));
}

test("every part of the kit that a page uses has its styles", () => {
  const parts = [...new Set(Object.values(PROGRAMS).flatMap(partsOf))];
  const styled = parts.filter((part) => STYLES.some((path) => path.endsWith(`/${part}.css`)));

  expect(styled).toContain("Button");
  expect(styled.filter((part) => !kit.includes(`/${part}.css"`))).toEqual([]);
});

test("nothing of a server or a broker is ever set as HTML", () => {
  const ways = ["dangerously" + "SetInnerHTML", ".innerHTML", ".outerHTML", "insertAdjacentHTML"];
  const guilty = Object.entries(PROGRAMS).filter(([, text]) =>
    ways.some((way) => text.includes(way)),
  );

  expect(guilty.map(([path]) => path)).toEqual([]);
});

test("nothing asks the kit for styles that it would have to make while the page runs", () => {
  const guilty = Object.entries(PROGRAMS).filter(([, text]) => /=\{\{\s*base:/.test(text));

  expect(guilty.map(([path]) => path)).toEqual([]);
});
