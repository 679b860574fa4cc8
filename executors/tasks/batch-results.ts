/** What Nx wants to hear of a task of a batch as soon as it has ended. */
export interface TaskEnd {
  /** Its id: `project:target`. */
  readonly task: string;
  readonly result: {
    readonly success: boolean;
    readonly terminalOutput: string;
    /** `Date.now()` of begin and end. */
    readonly startTime: number;
    readonly endTime: number;
  };
}

/** @param startTime `Date.now()` when work on it began */
export function succeeded(task: string, startTime: number, terminalOutput = ''): TaskEnd {
  return { task, result: { success: true, terminalOutput, startTime, endTime: Date.now() } };
}

/** @param words what is to be read before the sentence about the error */
export function failed(task: string, startTime: number, error: unknown, words = ''): TaskEnd {
  const terminalOutput = `${words}✗ ${sentence(error)}\n`;
  return { task, result: { success: false, terminalOutput, startTime, endTime: Date.now() } };
}

export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
