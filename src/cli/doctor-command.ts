import type { Command } from 'commander'
import { addCommand, type CommonFlags } from './add-command.ts'

/** Takes the environment as it is: a configuration that nobody can load is what it is there for. */
export function addDoctorCommand(program: Command, env: NodeJS.ProcessEnv): void {
  addCommand(program, {
    name: 'doctor',
    description: 'look at everything this deployment stands on, and say what to do; ends with 1 where something is broken, with 0 on warnings',
    examples: ['doctor', 'doctor --json'],
  }).action(async (flags: CommonFlags) => {
    const { doctor } = await import('./doctor/doctor.ts')
    await doctor(env, flags)
  })
}
