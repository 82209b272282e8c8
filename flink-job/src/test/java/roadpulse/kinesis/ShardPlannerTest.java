package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import roadpulse.kinesis.ShardPlanner.Knowledge;
import roadpulse.kinesis.ShardPlanner.Plan;

class ShardPlannerTest {

  private static final ListedShard A = shard("a", 0, 49);
  private static final ListedShard B = shard("b", 50, 99);

  /** a is split into c and d; d and b are merged into e. */
  private static final ListedShard C = shard("c", 0, 24, "a");

  private static final ListedShard D = shard("d", 25, 49, "a");
  private static final ListedShard E = shard("e", 25, 99, "d", "b");

  @Test
  void shardsWithoutParentsStartAtOnce() {
    assertThat(plan(List.of(A, B), reading()).starting()).containsExactly(A, B);
  }

  @Test
  void aChildWaitsForItsParent() {
    assertThat(plan(List.of(A, B, C, D), reading("a", "b")).starting()).isEmpty();
  }

  @Test
  void childrenStartWhenTheirParentHasEnded() {
    Plan plan = plan(List.of(A, B, C, D), reading("b").ended("a"));
    assertThat(plan.starting()).containsExactly(C, D);
  }

  @Test
  void aMergedShardWaitsForBothParents() {
    List<ListedShard> all = List.of(A, B, C, D, E);
    assertThat(plan(all, reading("b", "c").ended("d").finished("a")).starting()).isEmpty();
    assertThat(plan(all, reading("c").ended("d", "b").finished("a")).starting()).containsExactly(E);
  }

  @Test
  void aParentThatExpiredBeforeWeCameHoldsNothingUp() {
    assertThat(plan(List.of(B, C, D), reading()).starting()).containsExactly(B, C, D);
  }

  @Test
  void aShardThatWasForgottenIsNotReadAgainBehindItsChildren() {
    List<ListedShard> all = List.of(A, B, C, D, E);
    assertThat(plan(all, reading("c", "e").finished("d", "b")).starting()).isEmpty();
    assertThat(plan(all, reading("c", "e")).starting()).isEmpty();
    assertThat(plan(List.of(A, B, C, D), reading("b", "c")).starting()).containsExactly(A);
  }

  @Test
  void aGrandchildThatIsListedBeforeTheChildWaits() {
    ListedShard grandchild = shard("g", 0, 10, "c");
    assertThat(plan(List.of(A, B, grandchild), reading("b").ended("a")).starting()).isEmpty();
  }

  @Test
  void anEndedShardIsKeptUntilItsChildrenAreListed() {
    assertThat(plan(List.of(A, B), reading("b").ended("a")).released()).isEmpty();
    assertThat(plan(List.of(A, B, C), reading("b", "c").ended("a")).released()).isEmpty();
  }

  @Test
  void anEndedShardIsKeptUntilReadersConfirmItsChildren() {
    List<ListedShard> all = List.of(A, B, C, D);
    assertThat(plan(all, reading("b", "c", "d").unconfirmed("d").ended("a")).released()).isEmpty();
    assertThat(plan(all, reading("b", "c", "d").ended("a")).released()).containsExactly("a");
  }

  @Test
  void anEndedShardThatExpiredWithItsChildrenIsLetGo() {
    assertThat(plan(List.of(B), reading("b").ended("a")).released()).containsExactly("a");
  }

  @Test
  void aShardThatExpiredWhileItWasReadIsReported() {
    assertThat(plan(List.of(B), reading("a", "b")).lost()).containsExactly("a");
  }

  @Test
  void theAssignmentIsCompleteWhenReadersHoldAllThatCanBeRead() {
    assertThat(plan(List.of(A, B), reading()).complete()).isFalse();
    assertThat(plan(List.of(A, B), reading("a", "b").unconfirmed("b")).complete()).isFalse();
    assertThat(plan(List.of(A, B), reading("a", "b")).complete()).isTrue();
    assertThat(plan(List.of(A, B, C, D), reading("a", "b")).complete()).isTrue();
  }

  private static Plan plan(List<ListedShard> listed, Known known) {
    return ShardPlanner.plan(listed, known.toKnowledge());
  }

  private static Known reading(String... ids) {
    return new Known(Set.of(ids), Set.of(), Set.of(), Set.of());
  }

  private record Known(
      Set<String> reading, Set<String> unconfirmed, Set<String> ended, Set<String> finished) {
    Known unconfirmed(String... ids) {
      return new Known(reading, Set.of(ids), ended, finished);
    }

    Known ended(String... ids) {
      return new Known(reading, unconfirmed, Set.of(ids), finished);
    }

    Known finished(String... ids) {
      return new Known(reading, unconfirmed, ended, Set.of(ids));
    }

    Knowledge toKnowledge() {
      Set<String> confirmed = new HashSet<>(reading);
      confirmed.removeAll(unconfirmed);
      return new Knowledge(reading, confirmed, ended, finished);
    }
  }

  private static ListedShard shard(String id, int start, int end, String... parents) {
    return new ListedShard(
        id, List.of(parents), new HashRange(BigInteger.valueOf(start), BigInteger.valueOf(end)));
  }
}
