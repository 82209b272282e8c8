package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the log tells of repeats, to whoever asks for it. */
class RepeatsLogTest {

  private static final String OPERATOR = CountVerdictsOperator.class.getName();

  private final Lines lines = new Lines();

  @BeforeEach
  void listen() {
    lines.start();
    Configurator.setLevel(OPERATOR, Level.DEBUG);
    logger().addAppender(lines);
    logger().setAdditive(false);
  }

  @AfterEach
  void leave() {
    logger().removeAppender(lines);
    Configurator.setLevel(OPERATOR, Level.OFF);
  }

  @Test
  void nobodyCanTellWhichAccidentARepeatRepeats() throws Exception {
    judge(Verdict.REPEATED, "A-7", "A-3");
    assertThat(lines.told).containsExactly("repeated: feed=live-1 seq=9 id=A-7 repeats=A-3");
  }

  @Test
  void whatIsNoRepeatIsToldOfToo() throws Exception {
    judge(Verdict.ON_TIME, "A-3", null);
    assertThat(lines.told).isEmpty();
  }

  @Test
  void repeatsAreToldWithoutBeingAskedFor() throws Exception {
    Configurator.setLevel(OPERATOR, Level.INFO);
    judge(Verdict.REPEATED, "A-7", "A-3");
    assertThat(lines.told).isEmpty();
  }

  private static Logger logger() {
    return (Logger) LogManager.getLogger(OPERATOR);
  }

  private static void judge(Verdict verdict, String id, String repeats) throws Exception {
    Reading reading = new Reading();
    reading.feed = "live-1";
    reading.seq = 9;
    reading.accident = new Accident();
    reading.accident.accidentId = id;
    try (var harness = new OneInputStreamOperatorTestHarness<>(new CountVerdictsOperator())) {
      harness.open();
      harness.processElement(new StreamRecord<>(new Judged(verdict, reading, repeats)));
    }
  }

  private static final class Lines extends AbstractAppender {

    final List<String> told = new ArrayList<>();

    Lines() {
      super("lines", null, null, true, Property.EMPTY_ARRAY);
    }

    @Override
    public void append(LogEvent event) {
      told.add(event.getMessage().getFormattedMessage());
    }
  }
}
