import { Button, Checkbox, Modal, NativeSelect, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useAct, useRead } from "../../api/hooks";
import acts from "../../app/acts.module.css";
import { useMay, useSession } from "../../app/sessionContext";
import { type Column, Listing } from "../../panels/Listing";
import { Moment } from "../../panels/Moment";
import { Frame, Panel } from "../../panels/Panel";
import panels from "../../panels/panels.module.css";
import type { UserShown } from "../../panels/rows";
import styles from "./people.module.css";

const ROLES = ["viewer", "trader", "risk", "admin"] as const;
type Role = (typeof ROLES)[number];

const MEANINGS: Readonly<Record<Role, string>> = {
  viewer: "sees everything, may stop trading",
  trader: "also approves, cancels, sends signals",
  risk: "also resumes, tightens limits, practises",
  admin: "also decides who may sign in",
};

/** Who may sign in, and as what. */
export function People() {
  const session = useSession().session;
  const may = useMay("users");
  return (
    <>
      <Frame title="Your session">
        <p className={styles.session}>
          Signed in as <strong>{session.username}</strong> with the role{" "}
          <strong>{session.role}</strong>, until <Moment at={session.expires_at} />. You may:{" "}
          {session.permissions.join(", ")}.
        </p>
      </Frame>
      {may ? (
        <Users />
      ) : (
        <Frame title="Users">
          <div className={panels.message}>
            <strong>Your role may not see who may sign in.</strong>
            <span>The role admin may. On the machine itself: fillpath users</span>
          </div>
        </Frame>
      )}
    </>
  );
}

type Doing = { readonly what: "add" } | { readonly what: "change"; readonly user: UserShown };

function Users() {
  const read = useRead("/api/v1/users");
  const [doing, setDoing] = useState<Doing | null>(null);
  const columns = useMemo(() => userColumns((user) => setDoing({ what: "change", user })), []);
  const close = () => setDoing(null);
  return (
    <Panel
      title="Users"
      read={read}
      flush
      actions={
        <Button size="compact-xs" variant="default" onClick={() => setDoing({ what: "add" })}>
          Add somebody…
        </Button>
      }
      empty={(data) => (data.rows.length ? null : "Nobody may sign in.")}
    >
      {(data) => (
        <>
          <Listing
            caption="Users"
            cards
            rows={data.rows}
            columns={columns}
            rowKey={(row) => row.username}
          />
          <Modal
            opened={doing !== null}
            onClose={close}
            title={doing?.what === "change" ? `Change ${doing.user.username}` : "Add somebody"}
          >
            {doing === null ? null : doing.what === "add" ? (
              <Add close={close} />
            ) : (
              <Change user={doing.user} close={close} />
            )}
          </Modal>
        </>
      )}
    </Panel>
  );
}

/** Return the columns of users. */
export function userColumns(change: (user: UserShown) => void): Column<UserShown>[] {
  return [
    { title: "Name", names: true, value: (row) => row.username },
    { title: "Role", value: (row) => row.role },
    { title: "Accounts", value: (row) => row.accounts.join(", ") || "every one" },
    {
      title: "Second factor",
      value: (row) => (row.has_code ? "set up" : "none"),
      show: (row) =>
        row.has_code ? (
          "set up"
        ) : (
          <span className={row.role === "viewer" ? panels.soft : panels.warn}>none</span>
        ),
    },
    { title: "State", value: stateWords },
    {
      title: "Last seen",
      value: (row) => row.last_seen_at,
      show: (row) => (row.last_seen_at === null ? "never" : <Moment at={row.last_seen_at} />),
    },
    {
      title: "Added",
      value: (row) => row.created_at,
      show: (row) => <Moment at={row.created_at} />,
    },
    {
      title: "Act",
      value: () => "",
      show: (row) => (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Change ${row.username}`}
          onClick={() => change(row)}
        >
          Change…
        </Button>
      ),
    },
  ];
}

function stateWords(row: UserShown): string {
  if (row.disabled) return "may not sign in";
  return row.must_change_password ? "must choose a password" : "may sign in";
}

function RoleChoice({ role, choose }: { role: Role; choose: (role: Role) => void }) {
  return (
    <NativeSelect
      label="Role"
      description={MEANINGS[role]}
      data={[...ROLES]}
      value={role}
      onChange={(event) => choose(event.currentTarget.value as Role)}
    />
  );
}

interface AccountsProps {
  readonly names: readonly string[];
  readonly seen: readonly string[];
  readonly choose: (names: string[]) => void;
}

function Accounts({ names, seen, choose }: AccountsProps) {
  return (
    <fieldset className={styles.accounts}>
      <legend>Accounts (none chosen: every account)</legend>
      {names.map((name) => (
        <Checkbox
          key={name}
          size="xs"
          label={name}
          checked={seen.includes(name)}
          onChange={(event) =>
            choose(
              event.currentTarget.checked
                ? [...seen, name]
                : seen.filter((other) => other !== name),
            )
          }
        />
      ))}
    </fieldset>
  );
}

function Told({ text, close }: { text: string; close: () => void }) {
  return (
    <div className={acts.form}>
      <div className={acts.done} role="status">
        {text || "Done."}
      </div>
      <p className={acts.note}>What is secret in it is shown this once. Hand it over in person.</p>
      <div className={acts.buttons}>
        <Button onClick={close}>Close</Button>
      </div>
    </div>
  );
}

function Problem({ error }: { error: Error | null }) {
  return error === null ? null : (
    <div className={acts.error} role="alert">
      {error.message}
    </div>
  );
}

function Add({ close }: { close: () => void }) {
  const { accounts } = useSession();
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [seen, setSeen] = useState<string[]>([]);
  const add = useAct("/api/v1/users", ["/api/v1/users"]);
  if (add.data !== undefined) return <Told text={add.data.text} close={close} />;
  return (
    <form
      className={acts.form}
      action={() => add.mutate({ body: { username: username.trim(), role, accounts: seen } })}
    >
      <Problem error={add.error} />
      <TextInput
        label="Name"
        description="small letters, digits, dot, dash"
        data-autofocus
        required
        autoComplete="off"
        value={username}
        onChange={(event) => setUsername(event.currentTarget.value)}
      />
      <RoleChoice role={role} choose={setRole} />
      <Accounts names={accounts.map(({ name }) => name)} seen={seen} choose={setSeen} />
      <div className={acts.buttons}>
        <Button variant="default" onClick={close}>
          Leave it
        </Button>
        <Button type="submit" disabled={username.trim() === ""} loading={add.isPending}>
          Add
        </Button>
      </div>
    </form>
  );
}

function Change({ user, close }: { user: UserShown; close: () => void }) {
  const [role, setRole] = useState<Role>(ROLES.find((one) => one === user.role) ?? "viewer");
  const change = useAct("/api/v1/users/{username}/change", ["/api/v1/users"]);
  const reset = useAct("/api/v1/users/{username}/reset", ["/api/v1/users"]);
  const revoke = useAct("/api/v1/users/{username}/revoke", ["/api/v1/users"]);
  const names = { username: user.username };
  const told = reset.data ?? revoke.data;
  if (told !== undefined) return <Told text={told.text} close={close} />;
  const alter = (body: { role?: Role; disabled?: boolean }) =>
    change.mutate({ body, names }, { onSuccess: close });
  return (
    <form className={acts.form} action={() => alter({ role })}>
      <Problem error={change.error ?? reset.error ?? revoke.error} />
      <RoleChoice role={role} choose={setRole} />
      <div className={styles.acts}>
        <Button
          size="xs"
          variant="default"
          loading={revoke.isPending}
          onClick={() => revoke.mutate({ body: undefined as never, names })}
        >
          End every session
        </Button>
        <Button
          size="xs"
          variant="default"
          loading={reset.isPending}
          onClick={() => reset.mutate({ body: undefined as never, names })}
        >
          New password
        </Button>
        <Button
          size="xs"
          variant="default"
          color="red"
          onClick={() => alter({ disabled: !user.disabled })}
        >
          {user.disabled ? "Let them sign in" : "Do not let them sign in"}
        </Button>
      </div>
      <div className={acts.buttons}>
        <Button variant="default" onClick={close}>
          Leave it
        </Button>
        <Button type="submit" disabled={role === user.role} loading={change.isPending}>
          Change the role
        </Button>
      </div>
    </form>
  );
}
