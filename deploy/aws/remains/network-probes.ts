import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  DescribeAddressesCommand,
  DescribeNatGatewaysCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
} from '@aws-sdk/client-ec2'
import { PROJECT_TAG } from '../project.ts'
import type { Place, Probe } from './probe.ts'

const tagged = ({ project }: Place) => [{ Name: `tag:${PROJECT_TAG}`, Values: [project] }]
const ids = (list: readonly (string | undefined)[]) => list.flatMap((id) => (id === undefined ? [] : { id }))

/** The one log group that goes with its stack. */
export const refusedConnections = (project: string) => `/${project}/refused-connections`

/** EC2 gives nothing a name, so these are found by the tag of the project. */
export const networkProbes: readonly Probe[] = [
  {
    type: 'AWS::EC2::NatGateway',
    what: 'NAT gateway',
    async find({ ec2 }, place) {
      const state = { Name: 'state', Values: ['pending', 'available', 'failed'] }
      const { NatGateways = [] } = await ec2.send(
        new DescribeNatGatewaysCommand({ Filter: [...tagged(place), state] }),
      )
      return ids(NatGateways.map(({ NatGatewayId }) => NatGatewayId))
    },
  },
  {
    type: 'AWS::EC2::EIP',
    what: 'address',
    async find({ ec2 }, place) {
      const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand({ Filters: tagged(place) }))
      return ids(Addresses.map(({ PublicIp }) => PublicIp))
    },
  },
  {
    type: 'AWS::EC2::VPCEndpoint',
    what: 'endpoint',
    async find({ ec2 }, place) {
      const { VpcEndpoints = [] } = await ec2.send(
        new DescribeVpcEndpointsCommand({ Filters: tagged(place) }),
      )
      return ids(
        VpcEndpoints.filter(({ State }) => `${State}`.toLowerCase() !== 'deleted').map(
          ({ VpcEndpointId }) => VpcEndpointId,
        ),
      )
    },
  },
  {
    // It costs nothing; but where it is left, something holds on to it.
    type: 'AWS::EC2::VPC',
    what: 'VPC',
    async find({ ec2 }, place) {
      const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({ Filters: tagged(place) }))
      return ids(Vpcs.map(({ VpcId }) => VpcId))
    },
  },
  {
    type: 'AWS::Logs::LogGroup',
    what: 'log of refused connections',
    async find({ logs }, { project }) {
      const logGroupNamePrefix = refusedConnections(project)
      const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix }))
      return ids(logGroups.map(({ logGroupName }) => logGroupName))
    },
  },
]
