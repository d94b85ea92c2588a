/// Parses FailedCreate events and attributes rejections to the policy's objects.
package io.cgrouppolicy.core.failedcreate;
