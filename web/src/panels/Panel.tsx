import { Button, Skeleton } from "@mantine/core";
import { type ReactNode, useId } from "react";
import { Explain } from "./Explain";
import styles from "./panels.module.css";

/** What is known of something that was asked for. */
export interface Reading<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly isPending: boolean;
  readonly isFetching?: boolean;
  readonly refetch: () => unknown;
}

interface FrameProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly explain?: ReactNode;
  readonly actions?: ReactNode;
  readonly foot?: ReactNode;
  /** Without a margin, for tables that reach the edges. */
  readonly flush?: boolean;
}

/** A part of a page under a heading of its own. */
export function Frame(props: FrameProps & { readonly children: ReactNode }) {
  const heading = useId();
  return (
    <section className={styles.panel} aria-labelledby={heading}>
      <div className={styles.panelHead}>
        <h2 id={heading}>{props.title}</h2>
        {props.explain ? (
          <Explain about={props.title.toLowerCase()}>{props.explain}</Explain>
        ) : null}
        {props.note ? <span className={styles.note}>{props.note}</span> : null}
        {props.actions ? <div className={styles.actions}>{props.actions}</div> : null}
      </div>
      {props.children}
      {props.foot ? <div className={styles.foot}>{props.foot}</div> : null}
    </section>
  );
}

interface PanelProps<T> extends FrameProps {
  readonly read: Reading<T>;
  /** What to say instead when there is nothing to show; null when there is something. */
  readonly empty?: (data: T) => ReactNode;
  readonly children: (data: T) => ReactNode;
}

/** A part of a page that shows what was read, or why it cannot. */
export function Panel<T>({ read, empty, children, ...frame }: PanelProps<T>) {
  return (
    <Frame {...frame}>
      <Shown read={read} empty={empty} flush={frame.flush}>
        {children}
      </Shown>
    </Frame>
  );
}

interface ShownProps<T> {
  readonly read: Reading<T>;
  readonly empty?: (data: T) => ReactNode;
  readonly flush?: boolean;
  readonly children: (data: T) => ReactNode;
}

/** What was read, or that it is awaited, failed or empty. */
export function Shown<T>({ read, empty, flush, children }: ShownProps<T>) {
  if (read.data === undefined) {
    return read.error === null ? <Waiting /> : <Failed error={read.error} again={read.refetch} />;
  }
  const nothing = empty?.(read.data) ?? null;
  return (
    <>
      {read.error === null ? null : <Stale error={read.error} again={read.refetch} />}
      {nothing === null ? (
        <div className={flush ? `${styles.body} ${styles.flush}` : styles.body}>
          {children(read.data)}
        </div>
      ) : (
        <div className={styles.message}>{nothing}</div>
      )}
    </>
  );
}

function Waiting() {
  return (
    <div className={styles.wait} role="status" aria-label="Loading">
      {[92, 78, 85].map((width) => (
        <Skeleton key={width} height={14} width={`${width}%`} />
      ))}
    </div>
  );
}

function Failed({ error, again }: { error: Error; again: () => unknown }) {
  return (
    <div className={styles.message} role="alert">
      <strong>This could not be read.</strong>
      <span>{error.message}</span>
      <Button size="xs" variant="default" onClick={() => again()}>
        Try again
      </Button>
    </div>
  );
}

function Stale({ error, again }: { error: Error; again: () => unknown }) {
  return (
    <div className={styles.stale} role="status">
      <span>Not fresh: {error.message}</span>
      <Button size="compact-xs" variant="default" onClick={() => again()}>
        Try again
      </Button>
    </div>
  );
}
