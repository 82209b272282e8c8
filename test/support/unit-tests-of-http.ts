import { importTests } from './import-tests.ts'

await importTests({ of: 'http' })
