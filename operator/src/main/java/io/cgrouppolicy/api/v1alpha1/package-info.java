/// The types of the CustomResourceDefinition: spec and status of a `CgroupPolicy`.
package io.cgrouppolicy.api.v1alpha1;
