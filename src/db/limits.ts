/** Milliseconds that whoever asks waits for a connection of the pool. */
export const connectionTimeout = 5_000
/** Milliseconds after which the server cancels a statement, and cuts a connection that leaves its transaction idle. */
export const statementTimeout = 15_000
export const idleInTransactionTimeout = 10_000
