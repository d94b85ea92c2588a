package io.cgrouppolicy.delivery.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PageTest {
  private final Page page =
      Page.read(
          Path.of("a.md"),
          """
          # Title: of `it`, [all](b.md)

          See [one](b.md#two), and `[not](this.md)`, ![a picture](c.svg).

          ## Same
          ## Same

          ```sh
          # [nor](that.md)
          ```

          - in a list:

            ```text
            kubectl get
            ```
          """);

  @Test
  void hasTheAnchorsThatGitHubGives() {
    assertThat(page.anchors()).containsExactly("title-of-it-all", "same", "same-1");
  }

  @Test
  void hasLinksExceptThoseInCode() {
    assertThat(page.links()).containsExactly("b.md", "b.md#two", "c.svg");
  }

  @Test
  void hasBlocksAndSpansOfCode() {
    assertThat(page.blocks())
        .containsExactly(
            new Page.Block("sh", "# [nor](that.md)\n"), new Page.Block("text", "  kubectl get\n"));
    assertThat(page.code()).containsExactly("it", "[not](this.md)");
  }
}
