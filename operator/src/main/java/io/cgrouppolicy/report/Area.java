package io.cgrouppolicy.report;

/// What a user may lack the permission to read.
public enum Area {
  LABELS("the labels of the namespace"),
  PODS("pods"),
  OWNERS("the owners of pods"),
  CLAIMS("persistent volume claims"),
  NODES("nodes"),
  KUBELETS("kubelets");

  private final String title;

  Area(String title) {
    this.title = title;
  }

  public String title() {
    return title;
  }
}
