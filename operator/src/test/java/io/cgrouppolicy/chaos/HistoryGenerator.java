package io.cgrouppolicy.chaos;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.DeletionPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.Mode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.Rollout;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Shrinkable;
import net.jqwik.api.Tuple;

/// Random histories: the same seed gives the same one.
final class HistoryGenerator {
  private HistoryGenerator() {}

  private static final Arbitrary<Integer> NAMESPACES = Arbitraries.of(0, 1, 2, 3);
  private static final Arbitrary<Integer> POLICIES = Arbitraries.of(0, 1, 2);

  /// @param steps the most steps
  static Shrinkable<List<HistoryStep>> history(long seed, int steps) {
    return step()
        .list()
        .ofMinSize(1)
        .ofMaxSize(steps)
        .withSizeDistribution(RandomDistribution.uniform())
        .generator(1000)
        .next(new Random(seed));
  }

  private static Arbitrary<HistoryStep> step() {
    var need = Arbitraries.of(HistoryStep.Need.class);
    var foreign = Arbitraries.of(HistoryStep.Foreign.class);
    return Arbitraries.frequencyOf(
        Tuple.of(
            24, combine(NAMESPACES, Arbitraries.of(HistoryStep.Team.class), HistoryStep.Put::new)),
        Tuple.of(4, NAMESPACES.map(HistoryStep.Remove::new)),
        Tuple.of(24, combine(POLICIES, policy(), HistoryStep.Apply::new)),
        Tuple.of(8, POLICIES.map(HistoryStep.Delete::new)),
        Tuple.of(
            10,
            Combinators.combine(NAMESPACES, Arbitraries.of(0, 1, 2), need)
                .as(HistoryStep.Pod::new)),
        Tuple.of(5, combine(NAMESPACES, Arbitraries.of(0, 1, 2), HistoryStep.DeletePod::new)),
        Tuple.of(
            4,
            Combinators.combine(NAMESPACES, Arbitraries.of(0, 1, 3), need)
                .as(HistoryStep.Deploy::new)),
        Tuple.of(5, combine(NAMESPACES, foreign, HistoryStep.PutForeign::new)),
        Tuple.of(5, combine(NAMESPACES, foreign, HistoryStep.RemoveForeign::new)),
        Tuple.of(
            6,
            Combinators.combine(
                    NAMESPACES,
                    Arbitraries.of(false, true),
                    Arbitraries.of(HistoryStep.Damage.class))
                .as(HistoryStep.Tamper::new)),
        Tuple.of(2, Arbitraries.of(HistoryStep.Permission.class).map(HistoryStep.Take::new)),
        Tuple.of(2, Arbitraries.of(false, true).map(HistoryStep.Stop::new)),
        Tuple.of(1, Arbitraries.just(new HistoryStep.Start())),
        Tuple.of(6, Arbitraries.just(new HistoryStep.Calm())));
  }

  private static Arbitrary<HistoryPolicy> policy() {
    return Combinators.combine(
            Arbitraries.of(Mode.Enforce, Mode.Enforce, Mode.Audit),
            Arbitraries.of(Rollout.Immediate, Rollout.Immediate, Rollout.WhenSafe),
            Arbitraries.of(DeletionPolicy.class),
            Arbitraries.of(0, 1),
            Arbitraries.of(HistoryPolicy.Selects.class),
            Arbitraries.of(HistoryPolicy.Objects.class),
            Arbitraries.of(HistoryPolicy.Size.class),
            Combinators.combine(
                    Arbitraries.of(HistoryPolicy.Exempt.class), Arbitraries.of(false, true))
                .as(Tuple::of))
        .as(
            (mode, rollout, deletion, priority, selects, objects, size, rest) ->
                new HistoryPolicy(
                    mode,
                    rollout,
                    deletion,
                    priority,
                    selects,
                    objects,
                    size,
                    rest.get1(),
                    rest.get2()));
  }

  private static <A, B, S extends HistoryStep> Arbitrary<HistoryStep> combine(
      Arbitrary<A> a, Arbitrary<B> b, Combinators.F2<A, B, S> step) {
    return Combinators.combine(a, b).as(step::apply);
  }
}
