import type { ResourceChange } from '@aws-sdk/client-cloudformation'
import t from 'tap'
import { dataAtRisk } from '../../../deploy/aws/data-at-risk.ts'
import { readLayers } from '../../../deploy/templates/resolve-layers.ts'

const change = (rest: Partial<ResourceChange>): ResourceChange => ({
  LogicalResourceId: 'It',
  ResourceType: 'AWS::Kinesis::Stream',
  Action: 'Modify',
  Replacement: 'False',
  ...rest,
})
const isAtRisk = (rest: Partial<ResourceChange>, isStandIn = false) =>
  dataAtRisk([change(rest)], isStandIn).length > 0

t.test('data is replaced or removed without a word, or a harmless change is refused', (t) => {
  t.notOk(isAtRisk({}))
  t.notOk(isAtRisk({ Action: 'Add' }))
  t.ok(isAtRisk({ Action: 'Remove' }))
  t.ok(isAtRisk({ Replacement: 'True' }))
  t.ok(isAtRisk({ Replacement: 'Conditional' }))
  t.notOk(isAtRisk({ Replacement: 'Conditional' }, true), 'which a stand-in says of everything')
  t.ok(isAtRisk({ Replacement: 'True' }, true))
  t.notOk(isAtRisk({ Replacement: 'True', ResourceType: 'AWS::ECS::TaskDefinition' }))
  t.end()
})

t.test('something that the data layer retains may be replaced all the same', (t) => {
  for (const [name, { Type, DeletionPolicy }] of Object.entries(readLayers().data.Resources)) {
    // A topic holds nothing: what is subscribed to it is made with it.
    if (DeletionPolicy !== 'Retain' || Type === 'AWS::SNS::Topic') continue
    t.ok(isAtRisk({ ResourceType: Type, Action: 'Remove' }), `${name} (${Type})`)
  }
  t.end()
})
