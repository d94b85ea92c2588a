package io.cgrouppolicy.core.kubelet.pressure;

import static java.util.stream.Collectors.toUnmodifiableMap;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Rejects a second value of a field that [SummaryParser] reads, because other readers could take
/// the first. Jackson's `STRICT_DUPLICATE_DETECTION` also remembers the fields of skipped objects,
/// which adds a third to the time of parsing; this adds a seventh.
final class SingleValues extends JsonParserDelegate {
  private static final List<String> FIELDS =
      Stream.of(
              SummaryParser.Body.class,
              SummaryParser.Stats.class,
              SummaryParser.Part.class,
              SummaryParser.PodRef.class,
              SummaryParser.Usage.class,
              SummaryParser.PsiStats.class,
              SummaryParser.Averages.class)
          .flatMap(type -> Stream.of(type.getRecordComponents()))
          .map(RecordComponent::getName)
          .distinct()
          .toList();
  private static final Map<String, Long> BITS =
      FIELDS.stream().collect(toUnmodifiableMap(name -> name, name -> 1L << FIELDS.indexOf(name)));

  /// The fields so far of the current object on each level.
  private final long[] seen = new long[SummaryParser.MAX_DEPTH + 1];

  SingleValues(JsonParser json) {
    super(json);
  }

  @Override
  public JsonToken nextToken() throws IOException {
    var token = delegate.nextToken();
    if (token == JsonToken.START_OBJECT) {
      seen[depth()] = 0;
    } else if (token == JsonToken.FIELD_NAME) {
      long bit = BITS.getOrDefault(currentName(), 0L);
      if ((seen[depth()] & bit) != 0) {
        throw new JsonParseException(this, "Duplicate field '" + currentName() + "'");
      }
      seen[depth()] |= bit;
    }
    return token;
  }

  private int depth() {
    return delegate.getParsingContext().getNestingDepth();
  }
}
