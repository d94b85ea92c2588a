/// What a node's kubelet should have in force, and what it has: the rules of judging, the linter
/// and the remedy. Plain functions on what was read; reading is the business of `client`.
package io.cgrouppolicy.kubelet;
