package roadpulse.job;

/** A reading and what became of it. */
public class Judged {
  public Verdict verdict;
  public Reading reading;

  /** The dataset's id of the accident that a repeat repeats; null in every other verdict. */
  public String repeats;

  public Judged() {}

  public Judged(Verdict verdict, Reading reading, String repeats) {
    this.verdict = verdict;
    this.reading = reading;
    this.repeats = repeats;
  }
}
