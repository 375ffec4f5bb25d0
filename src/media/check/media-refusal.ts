/** Why a file was refused after it had come, as a stable word: those of images, and these. */
export type MediaRefusalReason = 'type-not-taken' | 'not-text' | 'checksum' | 'image-too-large' | 'lost'

/** The file's own fault: it is not tried again. */
export class MediaRefusal extends Error {
  override name = 'MediaRefusal'
  readonly reason: MediaRefusalReason
  constructor(reason: MediaRefusalReason) {
    super(`the file is refused: ${reason}`)
    this.reason = reason
  }
}
