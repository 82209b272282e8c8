package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ListAssert;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import roadpulse.kinesis.ShardLineageVectors.HashHole;
import roadpulse.kinesis.ShardLineageVectors.Lineage;
import roadpulse.kinesis.ShardPlanner.Knowledge;

/**
 * The planner against lineages on which the KCL's answer is known; the TypeScript library passes
 * the same ones.
 *
 * <p>The cases that begin at TRIM_HORIZON apply, those of LATEST and AT_TIMESTAMP do not: this
 * source always begins at the oldest record, whatever it holds already. A lease of the vectors is a
 * shard in the hands of a reader. The checkpoints and the order of new leases do not apply: every
 * new shard is unread, and those that start together have no order.
 */
class ShardLineageVectorsTest {

  private static final ShardLineageVectors VECTORS = read();

  @Test
  void vectorsThatApplyAreAtHand() {
    assumeTrue(VECTORS != null, () -> "no vectors in " + ShardLineageVectors.FOLDER);
    assertThat(fromTheOldestRecord()).isNotEmpty();
  }

  @TestFactory
  Stream<DynamicTest> thePlanIsThatOfTheKclOnAKnownLineage() {
    return fromTheOldestRecord()
        .filter(lineage -> !lineage.refused())
        .map(lineage -> dynamicTest(lineage.name(), () -> assertSamePlan(lineage)));
  }

  private static void assertSamePlan(Lineage lineage) {
    assertThatStarting(lineage)
        .extracting(ListedShard::shardId)
        .containsExactlyInAnyOrderElementsOf(lineage.expected());
  }

  /** The KCL gives up on such a list. Nothing is wrong with waiting for the parent's end. */
  @TestFactory
  Stream<DynamicTest> aChildOfAnOpenShardWaits() {
    return fromTheOldestRecord()
        .filter(Lineage::refused)
        .map(lineage -> dynamicTest(lineage.name(), () -> assertNoParentIsOpen(lineage)));
  }

  private static void assertNoParentIsOpen(Lineage lineage) {
    assertThatStarting(lineage)
        .isNotEmpty()
        .flatExtracting(ListedShard::parentIds)
        .doesNotContainAnyElementsOf(lineage.open());
  }

  @TestFactory
  Stream<DynamicTest> aHoleAmongTheHashKeysIsSeenAndAnOverlapIsNone() {
    return (VECTORS == null ? List.<HashHole>of() : VECTORS.hashHoles())
        .stream().map(hole -> dynamicTest(hole.name(), () -> assertSeen(hole)));
  }

  private static void assertSeen(HashHole hole) {
    assertThat(hole.isFound()).as(hole.name()).isEqualTo(hole.hole());
  }

  private static ListAssert<ListedShard> assertThatStarting(Lineage lineage) {
    Knowledge held = new Knowledge(lineage.held(), lineage.held(), Set.of(), Set.of());
    return assertThat(ShardPlanner.plan(lineage.shards(), held).starting()).as(lineage.name());
  }

  private static Stream<Lineage> fromTheOldestRecord() {
    return (VECTORS == null ? List.<Lineage>of() : VECTORS.lineages())
        .stream().filter(lineage -> lineage.position().equals("TRIM_HORIZON"));
  }

  private static ShardLineageVectors read() {
    try {
      return ShardLineageVectors.read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
