import { Tabs } from "@mantine/core";
import { useLocation, useNavigate } from "@tanstack/react-router";
import panels from "../panels/panels.module.css";
import { About } from "./system/About";
import { Alerts } from "./system/Alerts";
import { Audit } from "./system/Audit";
import { Agreement, Health } from "./system/Health";
import { Jobs } from "./system/Jobs";
import { People } from "./system/People";
import { Settings } from "./system/Settings";

const TABS = [
  ["health", "Health"],
  ["alerts", "Alerts"],
  ["jobs", "Jobs"],
  ["people", "People"],
  ["audit", "Audit log"],
  ["settings", "Settings"],
  ["about", "About"],
] as const;

/** How the desk itself is: its parts, its alerts, its jobs, its people, its settings. */
export function System() {
  const hash = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const tab = TABS.find(([name]) => name === hash)?.[0] ?? "health";
  return (
    <div className={panels.page}>
      <div className={panels.head}>
        <h1>System</h1>
      </div>
      <Tabs
        value={tab}
        onChange={(name) => void navigate({ to: "/system", hash: name ?? "health", replace: true })}
        keepMounted={false}
        classNames={{ panel: panels.page, list: panels.tabs }}
      >
        <Tabs.List>
          {TABS.map(([name, title]) => (
            <Tabs.Tab key={name} value={name}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="health">
          <Health />
          <Agreement />
        </Tabs.Panel>
        <Tabs.Panel value="alerts">
          <Alerts />
        </Tabs.Panel>
        <Tabs.Panel value="jobs">
          <Jobs />
        </Tabs.Panel>
        <Tabs.Panel value="people">
          <People />
        </Tabs.Panel>
        <Tabs.Panel value="audit">
          <Audit />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <Settings />
        </Tabs.Panel>
        <Tabs.Panel value="about">
          <About />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
