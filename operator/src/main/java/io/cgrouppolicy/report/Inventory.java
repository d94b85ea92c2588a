package io.cgrouppolicy.report;

import java.util.List;

/// What a report looked at, whether or not there are findings on it.
public record Inventory(List<NamespacePicture> namespaces, List<NodePicture> nodes) {
  public static final Inventory NONE = new Inventory(List.of(), List.of());
}
