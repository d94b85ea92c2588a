package io.cgrouppolicy.chaos;

/// Something that breaks while the operator works.
///
/// @param name as it is named in `FAULTS=` and in the table
/// @param times how often the full run injects it; the short form injects it once
/// @param lost what cannot survive it, in a few words, for the table; or "nothing"
/// @param injection breaks it, and returns when it is whole again
/// @param lasting whether it leaves more objects behind, so that the heap may grow
record Fault(String name, int times, String lost, Injection injection, boolean lasting) {
  Fault(String name, int times, String lost, Injection injection) {
    this(name, times, lost, injection, false);
  }

  @FunctionalInterface
  interface Injection {
    void inject(Scene scene) throws Exception;
  }
}
