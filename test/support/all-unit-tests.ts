import { globSync } from 'node:fs'

// One process for all of them: in processes of their own, starting and loading the same modules again and again takes
// three times as long as the tests.
for (const file of globSync('test/{lib,workers,api,deploy,tools}/**/*.test.ts').toSorted()) {
  await import(`../../${file}`)
}
