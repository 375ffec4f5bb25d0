declare module 'mjml' {
  export default function mjml2html(
    source: string,
    options: { fonts: Record<string, string>; keepComments: boolean; beautify: boolean; validationLevel: 'soft' },
  ): Promise<{ html: string; errors: { formattedMessage: string }[] }>
}
