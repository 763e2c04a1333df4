import { useRead } from "../../api/hooks";
import { type Column, Listing } from "../../panels/Listing";
import { Frame, Panel } from "../../panels/Panel";
import styles from "./people.module.css";

interface Library {
  readonly name: string;
  readonly license: string;
  readonly holder: string;
  readonly site: string;
}

const LIBRARIES: readonly Library[] = [
  library("React", "MIT", "Meta Platforms, Inc. and affiliates", "https://react.dev"),
  library("Mantine", "MIT", "Vitaly Rtishchev and contributors", "https://mantine.dev"),
  library(
    "TanStack Query, Router, Virtual",
    "MIT",
    "Tanner Linsley and contributors",
    "https://tanstack.com",
  ),
  library("uPlot", "MIT", "Leon Sorokin", "https://github.com/leeoniya/uPlot"),
];

function library(name: string, license: string, holder: string, site: string): Library {
  return { name, license, holder, site };
}

/** The version, and whose work this page stands on. */
export function About() {
  const read = useRead("/api/v1/system/version");
  return (
    <>
      <Panel title="Version" read={read}>
        {(data) => (
          <>
            fillpath {data.version}, contract {data.api}
            {data.read_only ? ", read only: nothing can be changed here" : ""}.
          </>
        )}
      </Panel>
      <Frame
        title="Whose work this page stands on"
        foot="The whole texts of the licenses come with each package."
      >
        <div className={styles.libraries}>
          <Listing
            caption="Libraries"
            rows={LIBRARIES}
            columns={COLUMNS}
            rowKey={(row) => row.name}
          />
        </div>
      </Frame>
    </>
  );
}

const COLUMNS: Column<Library>[] = [
  {
    title: "Library",
    names: true,
    value: (row) => row.name,
    show: (row) => (
      <a href={row.site} rel="noreferrer noopener" target="_blank">
        {row.name}
      </a>
    ),
  },
  { title: "License", value: (row) => row.license },
  { title: "Copyright", value: (row) => row.holder },
];
