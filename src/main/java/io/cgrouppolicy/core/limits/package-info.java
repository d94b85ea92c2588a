/// LimitRange and ResourceQuota: the desired objects, their comparison with stored ones, and
/// their validation.
package io.cgrouppolicy.core.limits;
