import {
  DescribeInternetGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import { textOf } from '../../../deploy/checks/rule.ts'
import type { Reader } from './reader.ts'

export function networkReaders(config: { region: string; endpoint: string }): Record<string, Reader> {
  const ec2 = new EC2Client(config)
  const routeTables = async () => (await ec2.send(new DescribeRouteTablesCommand({}))).RouteTables ?? []
  return {
    async 'AWS::EC2::VPC'(VpcId) {
      const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }))
      const names = await ec2.send(
        new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableDnsHostnames' }),
      )
      return { CidrBlock: Vpcs[0]?.CidrBlock, EnableDnsHostnames: names.EnableDnsHostnames?.Value }
    },
    async 'AWS::EC2::InternetGateway'(id) {
      const answer = await ec2.send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] }))
      return { Tags: { has: answer.InternetGateways?.[0]?.Tags } }
    },
    async 'AWS::EC2::VPCGatewayAttachment'(_, { InternetGatewayId }) {
      const InternetGatewayIds = [textOf(InternetGatewayId)]
      const { InternetGateways = [] } = await ec2.send(
        new DescribeInternetGatewaysCommand({ InternetGatewayIds }),
      )
      return { VpcId: InternetGateways[0]?.Attachments?.[0]?.VpcId }
    },
    async 'AWS::EC2::Subnet'(id) {
      const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [id] }))
      return {
        VpcId: Subnets[0]?.VpcId,
        AvailabilityZone: Subnets[0]?.AvailabilityZone,
        Tags: { has: Subnets[0]?.Tags },
      }
    },
    async 'AWS::EC2::RouteTable'(id) {
      const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [id] }))
      return { VpcId: RouteTables[0]?.VpcId, Tags: { has: RouteTables[0]?.Tags } }
    },
    async 'AWS::EC2::Route'(_, { DestinationCidrBlock, GatewayId }) {
      const routes = (await routeTables()).flatMap(({ Routes = [] }) => Routes)
      const route = routes.find(
        (one) =>
          one.DestinationCidrBlock === DestinationCidrBlock &&
          (one.GatewayId?.startsWith('igw-') === true) === (GatewayId !== undefined),
      )
      return { DestinationCidrBlock: route?.DestinationCidrBlock, GatewayId: route?.GatewayId }
    },
    async 'AWS::EC2::SubnetRouteTableAssociation'(id) {
      const associations = (await routeTables()).flatMap(({ Associations = [] }) => Associations)
      const found = associations.find(({ RouteTableAssociationId }) => RouteTableAssociationId === id)
      return { SubnetId: found?.SubnetId, RouteTableId: found?.RouteTableId }
    },
    async 'AWS::EC2::SecurityGroup'(id) {
      const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }))
      const [group] = SecurityGroups
      return {
        GroupDescription: group?.Description,
        VpcId: group?.VpcId,
        SecurityGroupIngress: group?.IpPermissions?.map(({ IpRanges, UserIdGroupPairs, ...rule }) => ({
          ...rule,
          CidrIp: IpRanges?.[0]?.CidrIp,
          SourceSecurityGroupId: UserIdGroupPairs?.[0]?.GroupId,
          Description: IpRanges?.[0]?.Description ?? UserIdGroupPairs?.[0]?.Description,
        })),
      }
    },
    async 'AWS::EC2::VPCEndpoint'(id) {
      const { VpcEndpoints = [] } = await ec2.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [id] }))
      const [endpoint] = VpcEndpoints
      return {
        ServiceName: endpoint?.ServiceName,
        VpcEndpointType: endpoint?.VpcEndpointType,
        RouteTableIds: endpoint?.RouteTableIds,
      }
    },
  }
}
