/// Exports metrics, events and health checks.
package io.cgrouppolicy.telemetry;
