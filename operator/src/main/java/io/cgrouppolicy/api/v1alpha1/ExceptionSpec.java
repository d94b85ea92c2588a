package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.cgrouppolicy.core.check.Check;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/// A violation that is accepted for some namespaces or nodes, optionally until a date.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ExceptionSpec(
    @JsonPropertyDescription("The id of the check to silence.") @Required Check check,
    @JsonPropertyDescription(
            "Names or globs of namespaces; required for checks of namespaces and workloads.")
        @Size(max = 100)
        List<String> namespaces,
    @JsonPropertyDescription("Names or globs of nodes; required for checks of nodes and pressure.")
        @Size(max = 100)
        List<String> nodes,
    @JsonPropertyDescription("Why the violation is accepted, and by whom.")
        @Required
        @Size(min = 1, max = 1024)
        String reason,
    @JsonPropertyDescription("When the exception expires (RFC 3339); if unset, never.")
        String expires) {}
