package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The whole job but its edges on real rows, as the producer encodes them, against what this class
 * counts in the CSV by itself.
 */
class RealRowsTest {

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(2)
              .build());

  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final Path REAL_ROWS = REPOSITORY.resolve("../shared/data");
  private static final Duration LATENESS = Duration.ofSeconds(30);
  private static final long ROW_INTERVAL_MS = 100;
  private static final long START = 1_800_000_000_000L;

  /** What a spreadsheet has made of all times: {@code 05-04-2022 11:08}, or {@code 21:35.0}. */
  private static final String UNREADABLE_TIMES =
      "[start_time is not a time, end_time is not a time]";

  /**
   * Of the release of March 2023, a row in 500 repeats the second and place of another; the rows of
   * December 2020 are too few and too far apart for that.
   */
  @ParameterizedTest
  @CsvSource({
    "us-accidents-march23-sample.csv, 18812, 37, 0",
    "us-accidents-dec20-sample.csv, 2000, 0, 0",
    "us-accidents-march23-excel-damaged.csv, 300, 0, 300",
  })
  void aRowIsLostOrMiscounted(String file, int rows, int repeated, int rejected) throws Exception {
    Path csv = REAL_ROWS.resolve(file);
    assumeTrue(Files.exists(csv), "the real rows are not on this machine");
    Expected expected = Expected.of(csv);
    assertThat(expected.rows).isEqualTo(rows);
    assertThat(expected.repeated).isEqualTo(repeated);
    assertThat(expected.rejected.values().stream().mapToLong(n -> n).sum()).isEqualTo(rejected);

    Received received = new Received();
    Map<String, Long> rejections = new TreeMap<>();
    Set<String> winners = new HashSet<>();
    for (byte[] json : JobWithoutEdges.run(rawRecords(csv), LATENESS)) {
      received.add(json);
      JsonNode event = EventSchemas.parse(json);
      switch (event.get("type").asText()) {
        case "rejected" -> rejections.merge(reasons(event), 1L, Long::sum);
        case "accident" -> winners.add(event.at("/payload/accident_id").asText());
        default -> {
          // Counted by what was received.
        }
      }
    }
    JsonNode counts = received.tally("live-1").at("/payload/counts");
    assertThat(counts.get("in").asLong()).isEqualTo(rows);
    assertThat(counts.get("resent").asLong()).isZero();
    assertThat(counts.get("late").asLong()).isZero();
    assertThat(counts.get("repeated").asLong()).isEqualTo(repeated);
    assertThat(counts.get("on_time").asLong()).isEqualTo(expected.winners.size());
    assertThat(winners).containsExactlyInAnyOrderElementsOf(expected.winners);
    assertThat(rejections).isEqualTo(expected.rejected);
    assertThat(received.minutes()).isEqualTo(expected.minutes);
  }

  private static String reasons(JsonNode rejected) {
    List<String> reasons = new ArrayList<>();
    rejected.at("/payload/reasons").forEach(reason -> reasons.add(reason.asText()));
    return reasons.toString();
  }

  /** What the CSV holds, by its text alone. */
  private record Expected(
      int rows,
      long repeated,
      Map<String, Long> rejected,
      Set<String> winners,
      Map<String, Long> minutes) {

    static Expected of(Path csv) throws IOException {
      List<String> lines = Files.readAllLines(csv);
      List<String> header = List.of(lines.get(0).split(",", -1));
      Map<String, Long> rejected = new TreeMap<>();
      Map<String, Long> minutes = new TreeMap<>();
      Set<String> winners = new HashSet<>();
      Set<String> keys = new HashSet<>();
      long repeated = 0;
      for (int seq = 1; seq < lines.size(); seq++) {
        // None of these files has a quote or a comma inside a field.
        Map<String, String> row = new HashMap<>();
        String[] fields = lines.get(seq).split(",", -1);
        for (int i = 0; i < fields.length; i++) row.put(header.get(i), fields[i]);
        String start = row.get("Start_Time");
        if (!start.matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(\\.\\d+)?")) {
          rejected.merge(UNREADABLE_TIMES, 1L, Long::sum);
          continue;
        }
        String key = start.substring(0, 19) + rounded(row, "Start_Lat") + rounded(row, "Start_Lng");
        if (!keys.add(key)) {
          repeated++;
          continue;
        }
        winners.add(row.get("ID"));
        long minute = (START + seq * ROW_INTERVAL_MS) / 60_000;
        minutes.merge(row.get("State") + " " + row.get("Severity") + " " + minute, 1L, Long::sum);
      }
      return new Expected(lines.size() - 1, repeated, rejected, winners, minutes);
    }

    private static String rounded(Map<String, String> row, String column) {
      return '|'
          + new BigDecimal(Double.parseDouble(row.get(column)))
              .setScale(4, RoundingMode.HALF_UP)
              .toString();
    }
  }

  private static List<RawRecord> rawRecords(Path csv) throws Exception {
    Process producer =
        new ProcessBuilder(
                REPOSITORY.resolve("node_modules/.bin/node").toString(),
                REPOSITORY.resolve("test/support/print-raw-events.ts").toString(),
                csv.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<RawRecord> records = new ArrayList<>();
    for (String line :
        new String(producer.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
      String[] parts = line.split("\t", 3);
      RawRecord record = new RawRecord();
      record.shardId = "shardId-000000000000";
      record.sequenceNumber = String.valueOf(records.size());
      record.arrivedAt = Long.parseLong(parts[0]) + 20;
      record.partitionKey = parts[1];
      record.data = parts[2].getBytes(StandardCharsets.UTF_8);
      records.add(record);
    }
    assertThat(producer.waitFor()).as("exit code of the producer's encoder").isZero();
    return records;
  }
}
