/// Completes the generated CustomResourceDefinition at build time: bounds, list types and CEL
/// rules.
package io.cgrouppolicy.crd;
