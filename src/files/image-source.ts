/** The bytes of an image, or the path of a file of ours that holds them. */
export type ImageSource = Uint8Array | string
