#!/usr/bin/env -S node --max-semi-space-size=1
import { createProgram } from './cli/program.ts'
import { exitWith } from './run-process.ts'

createProgram(process.env).parseAsync().catch(exitWith)
