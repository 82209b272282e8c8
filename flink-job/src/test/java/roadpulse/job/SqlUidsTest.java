package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.junit.jupiter.api.Test;

class SqlUidsTest {

  @Test
  void eachOperatorOfAWindowHasAUid() {
    List<StreamNode> windows =
        operators(false).stream()
            .filter(operator -> operator.getOperatorName().contains("Window"))
            .toList();
    assertThat(windows).hasSizeGreaterThanOrEqualTo(10);
    assertThat(windows)
        .extracting(StreamNode::getTransformationUID)
        .doesNotContainNull()
        .doesNotHaveDuplicates();
  }

  /** The planner numbers what it plans, over all jobs of a JVM: the second plan has others. */
  @Test
  void theUidsStayWhenTheJobGrowsBeforeAndBehindThem() {
    assertThat(uids(true)).isNotEmpty().containsExactlyInAnyOrderElementsOf(uids(false));
  }

  private static List<String> uids(boolean grown) {
    return operators(grown).stream()
        .map(StreamNode::getTransformationUID)
        .filter(uid -> uid != null)
        .toList();
  }

  private static Collection<StreamNode> operators(boolean grown) {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(AccidentsJob.jobConfiguration());
    DataStream<Reading> readings = env.fromData(TypeInformation.of(Reading.class), new Reading());
    if (grown) readings = readings.filter(reading -> !reading.late).rebalance();
    DataStream<Envelope> envelopes = Aggregates.of(readings, StreamTableEnvironment.create(env));
    if (grown) envelopes.map(envelope -> envelope.partitionKey).print();
    envelopes.print();
    return env.getStreamGraph(false).getStreamNodes();
  }
}
