/** The server's answer when it does not do what it was asked; one shape for every route. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | null;
  readonly requestId: string | null;

  constructor(status: number, body: unknown) {
    const told = shape(body);
    super(told.message ?? `the server answered ${status} without a reason`);
    this.name = "Refused";
    this.status = status;
    this.code = told.code ?? "unknown";
    this.field = told.field ?? null;
    this.requestId = told.request_id ?? null;
  }
}

/** No answer at all: the server is away, or the network is. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super("the server of this page does not answer", { cause });
    this.name = "Unreachable";
  }
}

interface Told {
  code?: string;
  message?: string;
  field?: string | null;
  request_id?: string | null;
}

function shape(body: unknown): Told {
  if (typeof body === "object" && body !== null && "error" in body) {
    const error = body.error;
    if (typeof error === "object" && error !== null) {
      return error as Told;
    }
  }
  return {};
}
