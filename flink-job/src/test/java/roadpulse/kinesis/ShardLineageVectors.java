package roadpulse.kinesis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Lineages of shards and what the KCL makes of them, from the folder that the environment variable
 * VECTORS names, or else the one beside the repository; all files of the format, whatever their
 * names.
 */
record ShardLineageVectors(List<Lineage> lineages, List<HashHole> hashHoles) {

  static final Path FOLDER =
      Path.of(System.getenv().getOrDefault("VECTORS", "../../shared/vectors"));

  private static final String FORMAT = "reshard-lineage-cases/1";
  private static final HashRange ALL =
      new HashRange(BigInteger.ZERO, BigInteger.TWO.pow(128).subtract(BigInteger.ONE));

  /**
   * A list of shards, who holds what, and which shards must start.
   *
   * @param position where the application begins: TRIM_HORIZON, LATEST or AT_TIMESTAMP
   * @param open shards that have not been closed
   * @param refused whether the KCL refuses the list as inconsistent; then nothing is expected
   */
  record Lineage(
      String name,
      String position,
      List<ListedShard> shards,
      Set<String> open,
      Set<String> held,
      boolean refused,
      List<String> expected) {}

  record HashHole(String name, List<HashRange> ranges, boolean hole) {

    boolean isFound() {
      return !ALL.isCoveredBy(ranges);
    }
  }

  /**
   * Null, for a skip that can be seen, where there are none; a folder that was asked for must
   * exist.
   */
  static ShardLineageVectors read() throws IOException {
    if (!Files.isDirectory(FOLDER)) {
      if (System.getenv("VECTORS") == null) return null;
      throw new IOException("VECTORS names " + FOLDER + ", which does not exist");
    }
    ShardLineageVectors vectors = new ShardLineageVectors(new ArrayList<>(), new ArrayList<>());
    for (Path file : jsonFiles()) {
      JsonNode json = new ObjectMapper().readTree(file.toFile());
      if (json.path("format").asText().equals(FORMAT)) vectors.add(json);
    }
    return vectors.lineages.isEmpty() ? null : vectors;
  }

  private static List<Path> jsonFiles() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  private void add(JsonNode json) {
    for (JsonNode one : json.path("cases")) lineages.add(lineage(one));
    for (JsonNode one : json.path("hashHoleCases")) {
      List<HashRange> ranges = new ArrayList<>();
      for (JsonNode range : one.path("ranges")) ranges.add(hashRange(range));
      hashHoles.add(new HashHole(one.path("name").asText(), ranges, one.path("hole").asBoolean()));
    }
  }

  private static Lineage lineage(JsonNode json) {
    List<ListedShard> shards = new ArrayList<>();
    Set<String> open = new HashSet<>();
    for (JsonNode shard : json.path("shards")) {
      shards.add(listedShard(shard));
      if (!shard.hasNonNull("endSeq")) open.add(shard.path("id").asText());
    }
    Set<String> held = new HashSet<>();
    for (JsonNode id : json.path("existingLeases")) held.add(id.asText());
    List<String> expected = new ArrayList<>();
    for (JsonNode lease : json.path("expectedNewLeases")) {
      expected.add(lease.path("shardId").asText());
    }
    return new Lineage(
        json.path("name").asText(),
        json.path("position").asText(),
        shards,
        open,
        held,
        !json.hasNonNull("expectedNewLeases"),
        expected);
  }

  private static ListedShard listedShard(JsonNode json) {
    List<String> parents = new ArrayList<>();
    for (String field : List.of("parent", "adjacentParent")) {
      if (json.hasNonNull(field)) parents.add(json.path(field).asText());
    }
    return new ListedShard(json.path("id").asText(), parents, hashRange(json));
  }

  private static HashRange hashRange(JsonNode json) {
    return new HashRange(
        json.hasNonNull("startHash")
            ? new BigInteger(json.path("startHash").asText())
            : ALL.start(),
        json.hasNonNull("endHash") ? new BigInteger(json.path("endHash").asText()) : ALL.end());
  }
}
