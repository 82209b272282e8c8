package roadpulse.job;

import java.util.HashSet;
import java.util.Set;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.transformations.PhysicalTransformation;

/**
 * Gives each operator that SQL was planned to a uid: what the operator does, as the plan says it.
 * So a savepoint finds its state again as long as that stays the same, whatever is added before it,
 * beside it or behind it. The uids that Flink makes by itself depend on the whole graph.
 */
final class SqlUids {

  private SqlUids() {}

  /**
   * @param in what enters SQL
   * @param out what leaves it, in the same job
   */
  static void assign(DataStream<?> in, DataStream<?> out) {
    Set<Transformation<?>> planned =
        new HashSet<>(out.getTransformation().getTransitivePredecessors());
    planned.removeAll(in.getTransformation().getTransitivePredecessors());
    for (Transformation<?> operator : planned) {
      if (operator instanceof PhysicalTransformation) operator.setUid(uid(operator));
    }
  }

  /** Without the number of the node, which counts all that this JVM has planned. */
  private static String uid(Transformation<?> operator) {
    String said =
        operator.getDescription() == null ? operator.getName() : operator.getDescription();
    return said.replaceFirst("^\\[\\d+]:", "");
  }
}
