/** Names that lead into a network, not onto the Internet. */
export const innerName = /(^|\.)(localhost|localdomain|local|internal|intranet|lan|home|corp|private|arpa)$/
