/// FailedCreate events: parses them and attributes a rejection to the policy's objects.
package io.cgrouppolicy.core.failedcreate;
