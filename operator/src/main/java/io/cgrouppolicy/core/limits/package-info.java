/// Builds the desired LimitRange and ResourceQuota, compares them with stored ones, and validates
/// them.
package io.cgrouppolicy.core.limits;
