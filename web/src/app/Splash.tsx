import styles from "./door.module.css";

/** What is seen while the page has nothing to show yet. */
export function Splash({ text }: { text?: string | undefined }) {
  return (
    <div className={styles.splash} role="status">
      <img src="/icon.svg" alt="" width={40} height={40} />
      <span>{text === undefined ? "opening the desk …" : `${text}; trying again …`}</span>
    </div>
  );
}
