import t from 'tap'
import { leaveOut } from '../../../deploy/templates/leave-out.ts'
import { presentResources, resolveTemplate } from '../../../deploy/templates/resolve.ts'
import { parseTemplate } from '../../../deploy/templates/template.ts'
import { hasCode } from '../../../lib/errors.ts'

const TEMPLATE = `
Parameters:
  Size: { Type: String, Default: small }
Mappings:
  Sizes:
    small: { Shards: 2 }
    large: { Shards: 8 }
Conditions:
  IsLarge: !Equals [!Ref Size, large]
  IsSmall: !Not [!Condition IsLarge]
Resources:
  Stream:
    Type: AWS::Kinesis::Stream
    Properties:
      Name: !Sub "\${Size}-\${AWS::Region}-\${!kept}"
      ShardCount: !FindInMap [Sizes, !Ref Size, Shards]
      Extra: !If [IsLarge, 1, !Ref AWS::NoValue]
  Reader:
    Type: AWS::Kinesis::StreamConsumer
    Condition: IsLarge
    Properties: { StreamARN: !GetAtt Stream.Arn }
  Alarm:
    Type: AWS::CloudWatch::Alarm
    DependsOn: [Stream, Reader]
    Properties:
      Text: !Sub ["\${Reader.Arn} of \${Name}", { Name: !ImportValue other-Name }]
      Reader: !If [IsLarge, !Ref Reader, none]
Outputs:
  Arn: { Value: !GetAtt Stream.Arn, Export: { Name: !Sub "\${Size}-Arn" } }
`

t.test('a short form of a template is read as something else than its long form', (t) => {
  const { Resources, Conditions } = parseTemplate(TEMPLATE)
  t.strictSame(Resources.Stream?.Properties?.ShardCount, {
    'Fn::FindInMap': ['Sizes', { Ref: 'Size' }, 'Shards'],
  })
  t.strictSame(Resources.Reader?.Properties, { StreamARN: { 'Fn::GetAtt': ['Stream', 'Arn'] } })
  t.strictSame(Conditions?.IsSmall, { 'Fn::Not': [{ Condition: 'IsLarge' }] })
  t.strictSame(parseTemplate('Resources: { A: on }').Resources, { A: true }, 'as CloudFormation reads it')
  t.throws(() => parseTemplate('Resources: [}'), { code: 'CONFIGURATION' })
  t.throws(
    () => parseTemplate('A: &a 1\nB: *a'),
    { code: 'CONFIGURATION' },
    'CloudFormation knows no aliases',
  )
  t.end()
})

t.test('a template is judged by other values than CloudFormation would give it', (t) => {
  const template = parseTemplate(TEMPLATE)
  const imports = new Map([['other-Name', 'raw']])
  t.throws(() => resolveTemplate(template, {}, imports), /Reader is referred to and is not there/)
  const { resources, exports } = resolveTemplate(template, { Size: 'large' }, imports)
  t.strictSame(resources.Stream?.Properties, { Name: 'large-us-east-1-${kept}', ShardCount: 8, Extra: 1 })
  t.strictSame(resources.Alarm?.Properties, { Text: '<Reader.Arn> of raw', Reader: '<Reader>' })
  t.strictSame([...exports], [['large-Arn', '<Stream.Arn>']])
  t.strictSame(presentResources(template, {}), ['Stream', 'Alarm'])
  try {
    resolveTemplate(template, { Size: 'large' })
    t.fail('an import that nobody exports was taken')
  } catch (error) {
    t.ok(hasCode(error, 'CONFIGURATION'))
  }
  t.end()
})

t.test('a resource that is left out of a local deploy is still referred to, or takes others with it', (t) => {
  const { template, leftOut } = leaveOut(parseTemplate(TEMPLATE), ['AWS::Kinesis::StreamConsumer'])
  t.strictSame(leftOut, ['Reader'])
  t.strictSame(Object.keys(template.Resources), ['Stream', 'Alarm'])
  t.strictSame(template.Resources.Alarm, {
    Type: 'AWS::CloudWatch::Alarm',
    DependsOn: ['Stream'],
    Properties: {
      Text: { 'Fn::Sub': ['Reader of ${Name}', { Name: { 'Fn::ImportValue': 'other-Name' } }] },
      Reader: { 'Fn::If': ['IsLarge', 'Reader', 'none'] },
    },
  })
  t.strictSame(leaveOut(parseTemplate(TEMPLATE), ['AWS::CloudWatch::Alarm.Text']).leftOut, ['Alarm'])
  t.strictSame(leaveOut(parseTemplate(TEMPLATE), ['AWS::CloudWatch::Alarm.Metrics']).leftOut, [])
  t.end()
})
