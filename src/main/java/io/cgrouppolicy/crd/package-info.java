/// Completes the generated CustomResourceDefinition at build time: schema bounds, list types
/// and CEL rules.
package io.cgrouppolicy.crd;
