package roadpulse.job;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * What the job makes of the records in a file, for tests of what must agree with it. A line a
 * record: arrival, partition key and bytes in Base64, with tabs between. A line an envelope: its
 * JSON.
 */
final class EnvelopesOfRecords {

  private static final Duration LATENESS = Duration.ofSeconds(30);

  private EnvelopesOfRecords() {}

  public static void main(String[] args) throws Exception {
    List<RawRecord> records = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      String[] parts = line.split("\t", 3);
      RawRecord record = new RawRecord();
      record.shardId = "shardId-000000000000";
      record.sequenceNumber = String.valueOf(records.size());
      record.arrivedAt = Long.parseLong(parts[0]);
      record.partitionKey = parts[1];
      record.data = Base64.getDecoder().decode(parts[2]);
      records.add(record);
    }
    try (OutputStream out = Files.newOutputStream(Path.of(args[1]))) {
      for (byte[] envelope : JobWithoutEdges.run(records, LATENESS)) {
        out.write(envelope);
        out.write('\n');
      }
    }
  }
}
