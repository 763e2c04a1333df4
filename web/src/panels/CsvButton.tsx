import { Button } from "@mantine/core";
import { saveText } from "../lib/csv";
import { type Column, listingCsv } from "./Listing";

interface CsvProps<R> {
  readonly name: string;
  readonly rows: readonly R[] | undefined;
  readonly columns: readonly Column<R>[];
}

/** Keeps what a table shows, every row of it, as a file. */
export function CsvButton<R>({ name, rows, columns }: CsvProps<R>) {
  return (
    <Button
      size="compact-xs"
      variant="default"
      disabled={!rows?.length}
      onClick={() => saveText(`${name}.csv`, listingCsv(rows ?? [], columns))}
    >
      CSV
    </Button>
  );
}

/** Has the server write a file of everything that matches, not only of what is shown. */
export function CsvLink({
  href,
  text = "CSV",
  disabled,
}: {
  href: string;
  text?: string;
  disabled?: boolean;
}) {
  return (
    <Button
      size="compact-xs"
      variant="default"
      component="a"
      href={href}
      download
      data-disabled={disabled}
    >
      {text}
    </Button>
  );
}
