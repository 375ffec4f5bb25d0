import type { Command } from 'commander'
import { addCommand } from './add-command.ts'
import type { ResendFlags } from './mail/resend.ts'
import type { TestFlags } from './mail/test-mail.ts'
import { emailField } from './sites/site-fields.ts'
import type { Tools } from './tools.ts'

export function addMailCommands(program: Command, tools: Tools): void {
  const mail = program.command('mail').description('mails of sites')
  addCommand(mail, {
    name: 'test [slug]',
    description: "send one mail at once, by the account that the site's mails take now; where it fails, the stage is told",
    examples: ['mail test cecab --to ana@hub.example', 'mail test --platform --to ana@hub.example'],
  })
    .option('--platform', "by the hub's own account")
    .requiredOption('--to <email>', 'who gets it', emailField)
    .action(async (slug: string | undefined, flags: TestFlags) => {
      const { testMail } = await import('./mail/test-mail.ts')
      await testMail(tools, slug, flags)
    })
  addCommand(mail, {
    name: 'resend [slug]',
    description: 'try the mails again that could not be delivered, from the beginning; those whose link has run out stay',
    examples: ['mail resend cecab', 'mail resend --all'],
  })
    .option('--all', 'of every site')
    .action(async (slug: string | undefined, flags: ResendFlags) => {
      const { resendMails } = await import('./mail/resend.ts')
      await resendMails(tools, slug, flags)
    })
}
