package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.junit.jupiter.api.Test;

/** The plan of the SQL views, which decides how their state is laid out. */
class AggregatePlanTest {

  private static final String PLANNED_BY = "2.2.";
  private static final Path PLAN = Path.of("src/test/resources/plans/aggregates.txt");
  private static final Path ACTUAL =
      Path.of(System.getProperty("build.folder"), "plans/aggregates.txt");

  @Test
  void thePlanIsTheOneWhoseStateIsInSavepoints() throws IOException {
    String version = EnvironmentInformation.getVersion();
    assumeTrue(version.startsWith(PLANNED_BY), "the plan is of Flink 2.2, this is " + version);
    Files.createDirectories(ACTUAL.getParent());
    Files.writeString(ACTUAL, plan());
    assertThat(ACTUAL)
        .as(
            "a deployment loses the open windows of what is planned otherwise; if that is meant, copy it")
        .hasSameTextualContentAs(PLAN);
  }

  @Test
  void accidentsEnterSqlOnceHoweverManyViewsThereAre() {
    assertThat(plan()).containsOnlyOnce("TableSourceScan");
  }

  private static String plan() {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(AccidentsJob.jobConfiguration());
    StreamTableEnvironment tables = StreamTableEnvironment.create(env);
    DataStream<Reading> none = env.fromData(TypeInformation.of(Reading.class), new Reading());
    AccidentsTable.create(tables, none);
    for (String view : Aggregates.VIEWS) SqlView.create(tables, view);
    String explained = tables.from("aggregates").explain();
    String title = "== Optimized Execution Plan ==";
    return explained.substring(explained.indexOf(title) + title.length()).strip() + '\n';
  }
}
