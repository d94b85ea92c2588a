/// The metrics endpoint: TLS, authentication and authorization.
package io.cgrouppolicy.telemetry.endpoint;
