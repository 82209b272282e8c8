package roadpulse.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import roadpulse.job.KinesisProxy.Answer;
import roadpulse.job.KinesisProxy.Call;
import roadpulse.job.KinesisProxy.Kinesis;

/**
 * Kinesis on a bad day: one call in four fails, each in one of the ways in which the service and
 * the network do, and so does the first of every operation, for some are rarely called. With the
 * same seed the nth call of an operation meets the same fault.
 */
final class FaultPlan implements KinesisProxy.Behaviour {

  enum Fault {
    THROTTLED,
    INTERNAL_FAILURE,
    UNAVAILABLE,
    CUT_BEFORE_IT_ARRIVED,
    /** Kinesis has done what was asked, and nobody hears of it. */
    CUT_BEFORE_THE_ANSWER,
    /** Some records of a batch are taken, the others are answered with an error each. */
    TAKEN_IN_PARTS
  }

  private static final int ONE_IN = 4;

  private final long seed;
  private final Map<String, Random> randoms = new HashMap<>();
  private final Set<String> firstMade = new HashSet<>();
  private final Map<String, Set<Fault>> met = new TreeMap<>();

  FaultPlan(long seed) {
    this.seed = seed;
  }

  /** The faults that were met so far, by operation. */
  synchronized Map<String, Set<Fault>> met() {
    Map<String, Set<Fault>> copy = new TreeMap<>();
    met.forEach((operation, faults) -> copy.put(operation, Set.copyOf(faults)));
    return copy;
  }

  @Override
  public Answer answer(Call call, Kinesis kinesis) throws IOException, InterruptedException {
    Random random = nextOf(call.operation());
    boolean isWell = random.nextInt(ONE_IN) > 0;
    if (isWell && !isFirst(call.operation())) return kinesis.answer(call);
    List<Fault> faults = List.of(Fault.values());
    boolean isBatch = call.operation().equals("PutRecords");
    Fault fault = faults.get(random.nextInt(isBatch ? faults.size() : faults.size() - 1));
    note(call.operation(), fault);
    return switch (fault) {
      case THROTTLED -> Answer.error(400, throttlingOf(call.operation()));
      case INTERNAL_FAILURE -> Answer.error(500, "InternalFailure");
      case UNAVAILABLE -> Answer.error(503, "ServiceUnavailable");
      case CUT_BEFORE_IT_ARRIVED -> null;
      case CUT_BEFORE_THE_ANSWER -> {
        kinesis.answer(call);
        yield null;
      }
      case TAKEN_IN_PARTS -> takenInParts(call, kinesis, random);
    };
  }

  /** What decides over the operation's next call. */
  private synchronized Random nextOf(String operation) {
    Random ofOperation =
        randoms.computeIfAbsent(operation, name -> new Random(seed ^ name.hashCode()));
    return new Random(ofOperation.nextLong());
  }

  private synchronized boolean isFirst(String operation) {
    return firstMade.add(operation);
  }

  private synchronized void note(String operation, Fault fault) {
    met.computeIfAbsent(operation, any -> new TreeSet<>()).add(fault);
  }

  private static String throttlingOf(String operation) {
    return operation.equals("ListShards")
        ? "LimitExceededException"
        : "ProvisionedThroughputExceededException";
  }

  private static Answer takenInParts(Call call, Kinesis kinesis, Random random)
      throws IOException, InterruptedException {
    ArrayNode records = (ArrayNode) call.body().get("Records");
    boolean[] taken = new boolean[records.size()];
    ObjectNode part = call.body().deepCopy();
    ArrayNode takenRecords = part.putArray("Records");
    for (int i = 0; i < taken.length; i++) {
      taken[i] = random.nextBoolean();
      if (taken[i]) takenRecords.add(records.get(i));
    }
    // A batch without records is not a request.
    JsonNode answer = null;
    if (!takenRecords.isEmpty()) {
      Answer ofPart = kinesis.answer(call.with(part));
      if (ofPart.status() != 200) return ofPart;
      answer = ofPart.body();
    }
    ObjectNode whole = call.body().objectNode();
    ArrayNode results = whole.putArray("Records");
    int failed = 0;
    int next = 0;
    for (boolean isTaken : taken) {
      if (isTaken) {
        results.add(answer.get("Records").get(next++));
      } else {
        failed++;
        results
            .addObject()
            .put("ErrorCode", failed % 2 == 0 ? "InternalFailure" : throttlingOf("PutRecords"))
            .put("ErrorMessage", "on purpose");
      }
    }
    return new Answer(200, whole.put("FailedRecordCount", failed));
  }
}
