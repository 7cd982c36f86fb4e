#!/usr/bin/env node
/** `npx tenure …` on any Node from 20.3: the command itself runs under the Node that the project pins. */
import { run } from '../scripts/run.mjs';

await run('src/cli/main.ts', process.argv.slice(2));
