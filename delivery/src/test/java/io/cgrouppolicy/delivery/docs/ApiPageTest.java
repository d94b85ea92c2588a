package io.cgrouppolicy.delivery.docs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ApiPageTest {
  private static final String CRD =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      spec:
        group: example.com
        names: {kind: Kettle, plural: kettles, singular: kettle, shortNames: [kt], categories: [kitchen]}
        scope: Cluster
        versions:
          - name: v1
            additionalPrinterColumns:
              - {name: Hot, type: boolean, jsonPath: .status.hot}
            schema:
              openAPIV3Schema:
                description: A kettle.
                type: object
                required: [spec]
                x-kubernetes-validations:
                  - {rule: size(self.metadata.name) < 9, message: the name is short}
                properties:
                  spec:
                    description: The desired state.
                    type: object
                    required: [water]
                    properties:
                      water: {type: string, description: How much., x-kubernetes-int-or-string: true, minimum: 0, pattern: '^[0-9]+$'}
                      heat: {type: integer, description: In degrees., default: 100, minimum: 1, maximum: 120}
                      tea: {type: string, description: The sort., enum: [Green, Black], maxLength: 20, pattern: 'a|b'}
                      labels:
                        type: object
                        description: Any.
                        maxProperties: 2
                        additionalProperties: {type: string, minLength: 1}
                        x-kubernetes-validations:
                          - {rule: "RULE", message: no}
                      cups:
                        type: array
                        description: To fill.
                        minItems: 1
                        maxItems: 6
                        x-kubernetes-list-type: map
                        x-kubernetes-list-map-keys: [guest]
                        items:
                          type: object
                          required: [guest]
                          properties:
                            guest: {type: string, description: Whose.}
                      any: {type: object, default: {sugar: 1}, x-kubernetes-preserve-unknown-fields: true}
                      names: {type: array, x-kubernetes-list-type: set, items: {type: string, enum: [a, b]}}
      """;

  private static final String LONG_RULE = "self == '" + "x".repeat(110) + "'";

  private final String page = ApiPage.render(CRD.replace("RULE", LONG_RULE));

  @Test
  void describesTheKind() {
    assertThat(page)
        .startsWith("# API reference\n\nA kettle.\n")
        .contains("| apiVersion | `example.com/v1` |")
        .contains("| kind | `Kettle`, cluster-scoped |")
        .contains("| kubectl | `kettles`, `kettle`, `kt`, `kitchen` |")
        .contains("| printed columns | Hot |");
  }

  @Test
  void hasARowForEachFieldWithItsBounds() {
    assertThat(page.lines())
        .contains(
            "| `spec` | [object](#spec) | required | The desired state. |",
            "| `spec.water` | quantity | required | How much. Not negative. |",
            "| `spec.heat` | integer | default `100` | In degrees. 1 to 120. |",
            "| `spec.tea` | string |  | The sort. One of `Green`, `Black`. At most 20 characters. Matches `a\\|b`. |",
            "| `spec.labels` | map of strings |  | Any. At most 2 entries. Each at least 1 characters. |",
            "| `spec.cups` | [list of objects](#speccups) |  | To fill. 1 to 6 items. One for each `guest`. |",
            "| `spec.any` | object with any fields | default `{\"sugar\":1}` |  |",
            "| `spec.names` | set of strings |  | Each one of `a`, `b`. |",
            "| `spec.cups[].guest` | string | required | Whose. |");
  }

  @Test
  void hasASectionForEachObject() {
    assertThat(page.lines().filter(line -> line.startsWith("## ")))
        .containsExactly("## spec", "## spec.cups[]");
    assertThat(page).contains("## spec.cups[]\n\nTo fill.\n");
  }

  @Test
  void hasTheRulesAndLeavesLongOnesToTheCrd() {
    assertThat(page)
        .contains("Rules of a policy:\n\n- the name is short (`size(self.metadata.name) < 9`)\n")
        .contains("Rules:\n\n- `labels`: no\n")
        .doesNotContain("xxx");
  }
}
