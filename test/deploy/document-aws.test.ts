import { readFileSync } from 'node:fs'
import t from 'tap'
import { at, numberOf } from '../../deploy/checks/rule.ts'
import { estimateCosts } from '../../deploy/costs/estimate-costs.ts'
import { renderAwsPage } from '../../deploy/document-aws.ts'
import { allLayers, SIZES } from '../support/layers.ts'

t.test('docs/aws.md tells of parameters, sizes or costs that the templates do not have', (t) => {
  const page = readFileSync(new URL('../../docs/aws.md', import.meta.url), 'utf8')
  t.equal(page, renderAwsPage(page), 'it is current (npm run docs)')
  t.end()
})

t.test('a size costs more than the one above it, or what is switched off is still paid for', (t) => {
  const costOf = (parameters: Record<string, string>) =>
    estimateCosts(allLayers(parameters), 50).reduce((sum, { usd }) => sum + usd, 0)
  const costs = SIZES.map((Size) => costOf({ Size }))
  t.strictSame(
    costs,
    costs.toSorted((a, b) => a - b),
  )
  t.ok(costOf({ Size: 'small', ApiAccess: 'none' }) < costOf({ Size: 'small' }))
  t.ok(costOf({ Size: 'small', Outbound: 'public' }) < costOf({ Size: 'small' }))
  t.ok(costOf({ Size: 'small', Outbound: 'endpoints' }) > costOf({ Size: 'small' }))
  t.ok(costOf({ Size: 'small', ScriptKey: '' }) < costOf({ Size: 'small' }))
  t.end()
})

t.test('the budget of a size is exceeded by what it costs', (t) => {
  for (const Size of SIZES) {
    const layers = allLayers({ Size, AlertEmail: 'a@example.com' })
    const limit = numberOf(
      at(layers.observability.resources.Budget?.Properties, 'Budget', 'BudgetLimit', 'Amount'),
    )
    const usd = estimateCosts(layers, 50).reduce((sum, line) => sum + line.usd, 0)
    t.ok(usd < 0.9 * limit, `${Size}: ${usd.toFixed(0)} of ${limit}`)
  }
  t.end()
})
