/// The operator's settings.
package io.cgrouppolicy.shell.settings;
