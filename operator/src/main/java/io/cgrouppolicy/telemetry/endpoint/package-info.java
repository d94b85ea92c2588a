/// The endpoint of metrics and of the report: TLS, authentication and authorization.
package io.cgrouppolicy.telemetry.endpoint;
