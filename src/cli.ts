#!/usr/bin/env node
import { createProgram } from './cli/program.ts'
import { exitWith } from './run-process.ts'

createProgram(process.env).parseAsync().catch(exitWith)
